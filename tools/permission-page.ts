import { ACCESS_POLICY, accessOf, DENIED_TO_MUTED } from "../services/auth/access-policy.ts";
import { type Access, ALL, type Grant } from "../services/auth/policy.ts";
import { RELATIONS, type Relation } from "../services/auth/standing.ts";
import { PARLEY_SERVICES } from "../services/parley-services.ts";

const COLUMNS = Object.keys(RELATIONS) as Relation[];

/** docs/permissions.md, from the access policy. */
export function formatPermissionPage(): string {
  const relations = COLUMNS.map((relation) => `| \`${relation}\` | ${RELATIONS[relation]} |`);
  const muted = Object.keys(ACCESS_POLICY).filter((path) => DENIED_TO_MUTED.has(path));
  return `# Who may do what

<!-- Generated from services/auth/access-policy.ts by \`npm run generate\`. -->

What a caller may do follows from what it is to the resource that the call names:

| relation | who that is |
| --- | --- |
${relations.join("\n")}

- **all** in a table below: with every field. Where a cell names fields, a method that writes takes no other from that caller
  (PERMISSION_DENIED, \`FIELD_DENIED\`), and a method that reads shows no other, and looks for no other. An \`update_mask\` of \`*\` stands for those it may
  change. Who is several things may do what any of them may. By the field \`user\` of a method that reads, the administrator and
  the backend name a user as whom they read; from others it is denied likewise.
- A chat, and all that is in it, does not exist for a user without a relation to it: NOT_FOUND, in the same bytes as of what was never
  there. OPEN chats exist for no user. A banned member, or customer, has no relation to the chat until its ban ends.
- A muted member, or customer, may not call ${muted.map((path) => `\`${path.split("/").at(-1)}\``).join(", ")} in that chat
  (PERMISSION_DENIED, \`MUTED\`, with \`until\`).
- What is public takes no credential, and looks at none.
- What a role allows towards other members, such as whom a moderator may remove, is judged in the order of writes, by the roles as
  they are then: [people.md](people.md) has those rules.

${PARLEY_SERVICES.map(({ name, methods }) => formatService(name, methods)).join("\n\n")}
`;
}

function formatService(name: string, methods: (typeof PARLEY_SERVICES)[number]["methods"]): string {
  const rows = methods.map((method) => [method.name, accessOf(method)] as const);
  const columns = COLUMNS.filter((relation) => rows.some(([, access]) => access !== "public" && relation in access));
  return [
    `## ${name}\n`,
    `| method | ${columns.join(" | ")} |`,
    `| --- |${" --- |".repeat(columns.length)}`,
    ...rows.map(([method, access]) => `| \`${method}\` | ${cellsOf(access, columns).join(" | ")} |`),
  ].join("\n");
}

function cellsOf(access: Access, columns: readonly Relation[]): string[] {
  if (access === "public") return ["public", ...columns.slice(1).map(() => "")];
  return columns.map((relation) => (access[relation] ? formatGrant(access[relation]) : "–"));
}

function formatGrant(grant: Grant): string {
  return grant === ALL ? "all" : grant.map((field) => `\`${field}\``).join(", ");
}
