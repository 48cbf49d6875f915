/** Names the setting behind an address that cannot be listened on. */
export function explainAddress(setting: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${setting} cannot be used; stop what uses it, or set another: ${error.message}`);
  };
}
