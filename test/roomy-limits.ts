/** What everybody who calls from one address, as all tests do, would meet soon. */
export const ROOMY_LIMITS = { ADDRESS_CALLS_PER_MINUTE: "1000000", LOGIN_ATTEMPTS_PER_ADDRESS: "1000000" };
