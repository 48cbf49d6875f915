/** What everybody who calls from one address, as all tests and benchmarks do, would meet soon. */
export const ROOMY_LIMITS = { ADDRESS_CALLS_PER_MINUTE: "2000000000", LOGIN_ATTEMPTS_PER_ADDRESS: "1000000" };
