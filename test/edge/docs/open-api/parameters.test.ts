import type { DescMethodUnary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Examples } from "../../../../edge/docs/example/examples.ts";
import { headerParameters, queryParameters } from "../../../../edge/docs/open-api/parameters.ts";
import { createComponents } from "../../../../edge/docs/schema/components.ts";
import { createRoute, type Route } from "../../../../edge/transcode/routing/route.ts";
import { ChatService } from "../../../../gen/parley/v1/chat_service_pb.ts";
import { KitchenService } from "../../transcode/gen/kitchen/v1/kitchen_pb.ts";

const components = createComponents(new Map(), new Examples([], { messages: [], answers: new Map() }), {});

function routeOf(method: DescMethodUnary, path: string, body = "", headerFields: Record<string, string> = {}): Route {
  const httpMethod = body === "" ? "GET" : "POST";
  return createRoute(method, { httpMethod, path, body, responseBody: "" }, headerFields);
}

function queryNames(route: Route): unknown[] {
  return queryParameters(route, components).map(({ name }) => name);
}

const { updateDish, createDish, fillSink } = KitchenService.method;

test("query parameters reach into a message, but not to what the path captures", () => {
  expect(queryNames(routeOf(updateDish, "/v1/{dish.name=menus/*/dishes/*}"))).toEqual([
    ...["dish.displayName", "dish.price", "dish.labels", "dish.chef", "dish.etag"],
    "updateMask",
  ]);
});

test("query parameters are nothing that the server sets", () => {
  const route = routeOf(ChatService.method.updateChat, "/v1/{chat.name=applications/*/chats/*}");
  expect(queryNames(route)).toEqual([
    ...["chat.title", "chat.kind", "chat.metadata", "chat.etag", "chat.creator", "chat.slowMode"],
    ...["chat.members", "updateMask"],
  ]);
});

test("query parameters reach into no field of the body", () => {
  expect(queryNames(routeOf(updateDish, "/v1/dishes", "dish"))).toEqual(["updateMask"]);
});

test("query parameters of a type that holds itself end", () => {
  const names = queryNames(routeOf(fillSink, "/v1/sink"));
  expect(names).toContain("aString");
  expect(names.filter((name) => String(name).includes("."))).toEqual([]);
});

test("a header fills a field of its name, where the request has it", () => {
  const fields = { "idempotency-key": "request_id" };
  expect(headerParameters(routeOf(createDish, "/v1/dishes", "dish", fields), components)).toEqual([
    {
      name: "Idempotency-Key",
      in: "header",
      description: "Another way to give `requestId`, which wins where both are given.",
      schema: { type: "string" },
    },
  ]);
  expect(headerParameters(routeOf(updateDish, "/v1/dishes", "dish", fields), components)).toEqual([]);
});
