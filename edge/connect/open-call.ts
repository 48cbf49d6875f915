import { type Code, createContextKey } from "@connectrpc/connect";

/** What is known of a call under way; it has no code as long as it goes well. */
export type OpenCall = { method: string; code: Code | undefined };

/** The context value that is told the code of a call that fails. */
export const openCallKey = createContextKey<OpenCall | undefined>(undefined);
