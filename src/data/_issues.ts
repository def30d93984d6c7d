import type { StandardSchemaIssue } from "./standard_schema.ts";

/** How many of the issues go into a message; all are in the cause. */
const SHOWN_ISSUES = 3;

/** Says what is wrong with a value, for an error message. */
export function describeIssues(issues: readonly StandardSchemaIssue[]): string {
  const shown = issues.slice(0, SHOWN_ISSUES).map(describeIssue).join("; ");
  const left = issues.length - SHOWN_ISSUES;
  return left > 0 ? `${shown}; and ${left} more` : shown;
}

function describeIssue({ message, path = [] }: StandardSchemaIssue): string {
  const keys = path.map((part) =>
    String(typeof part === "object" ? part.key : part)
  );
  return keys.length === 0 ? message : `${message} at ${keys.join(".")}`;
}
