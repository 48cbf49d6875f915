/** As a defect in SQLite would, ends the thread that calls it. */
export function endThread(): number {
  process.exit(3);
}
