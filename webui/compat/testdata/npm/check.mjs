import assert from "node:assert/strict";

/** Runs a check and names it. */
export async function check(name, run) {
  try {
    await run();
  } catch (err) {
    console.error(`${name}: ${err.stack}`);
    process.exit(1);
  }
  console.log(`ok ${name}`);
}

export { assert };
