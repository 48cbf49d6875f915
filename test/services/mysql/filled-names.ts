/** Chats and users of each further application, and messages and members of each further chat of the first. */
export const FEW = 5;

export const applicationOf = (index: number) => `a${String(index).padStart(25, "0")}`;
export const principalOf = (index: number) => `applications/${applicationOf(index)}`;
export const requestIdOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
export const userOf = (index: number) => `user-${index}`;
export const emailOf = (index: number) => `user-${index}@example.com`;
export const sessionIdOf = (index: number) => `10000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
