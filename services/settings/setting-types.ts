import { z } from "zod";

/** A whole number in decimal digits. */
export const wholeNumber = (min: number, max: number) => {
  const range = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range);
};

/** The same, with a default. */
export const integer = (standard: number, min: number, max: number) => wholeNumber(min, max).prefault(String(standard));

/** A yes or no, with a default. */
export const flag = (standard: boolean) =>
  z
    .enum(["true", "false"], "must be true or false")
    .default(standard ? "true" : "false")
    .transform((text) => text === "true");

/** On which port something is served: that of the callers, the private one, or none. */
export const place = () => z.enum(["public", "private", "off"], "must be public, private or off").default("public");

/** How often something may be done in a time; 0 is as often as one likes. */
export const limit = (standard: number) => integer(standard, 0, 2_147_483_647);

/** What becomes of limits where they cannot be counted together. */
export const whenAway = (standard: "open" | "closed") =>
  z.enum(["open", "closed"], "must be open or closed").default(standard);

/** In bytes. */
export const MiB = 1_048_576;
