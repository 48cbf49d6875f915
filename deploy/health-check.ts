/** Asks the role in the same container whether it is ready: exit code 0 where it is, else 1 with what it says. */
const answer = await fetch(`http://127.0.0.1:${process.env.PRIVATE_PORT}/readyz`, {
  signal: AbortSignal.timeout(4_000),
}).catch((error: Error) => new Response(String(error.cause ?? error), { status: 503 }));
process.stdout.write(`${await answer.text()}\n`);
process.exitCode = answer.ok ? 0 : 1;
