import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { SystemEvent_Type, SystemEventSchema } from "../../../gen/parley/v1/message_pb.ts";
import { formatSystemEvent, parseSystemEvent } from "../../../services/message/stored-system-event.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;

test("an event is read as it was stored", () => {
  for (const actor of ["ada", '"role":"ADMIN"']) {
    const event = create(SystemEventSchema, {
      type: SystemEvent_Type.ROLE_CHANGED,
      actor,
      users: ["bob"],
      role: OWNER,
    });
    const stored = formatSystemEvent({ content: { case: "systemEvent", value: event } })!;
    expect(JSON.parse(stored)).toMatchObject({ role: "ROLE_OWNER" });
    expect(parseSystemEvent(stored)).toEqual(event);
  }
});

test.each([
  ["MEMBER", MEMBER],
  ["ADMIN", ADMIN],
  ["OWNER", OWNER],
])("one that was stored with the role %s has it still", (stored, role) => {
  const event = { type: "TYPE_ROLE_CHANGED", actor: "ada", users: ["bob"], role: stored };
  expect(parseSystemEvent(JSON.stringify(event))).toMatchObject({ type: SystemEvent_Type.ROLE_CHANGED, role });
});
