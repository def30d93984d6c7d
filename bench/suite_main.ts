import process from "node:process";
import { runSuite, type SuiteOptions } from "./suite.ts";

// The tables alone go to the standard output, as JSON.
const options: Omit<SuiteOptions, "print"> = JSON.parse(process.argv[2]);
const tables = await runSuite({ ...options, print: console.error });
console.log(JSON.stringify(tables));
