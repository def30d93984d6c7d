/** Prints by how many bytes a process of Node or Bun grows that keeps what its argument says. */
import process from "node:process";
import { growth } from "./retained.ts";

console.log(growth(process.argv[2]));
