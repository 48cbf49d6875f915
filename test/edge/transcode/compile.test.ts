import { describe, expect, test } from "vitest";
import { compileRoutes } from "../../../edge/transcode/routing/compile.ts";
import { lookup } from "../../../edge/transcode/routing/route-trie.ts";
import { DuplicateService, file_kitchen_v1_broken } from "./gen/kitchen/v1/broken_pb.ts";
import { CustomService } from "./gen/kitchen/v1/custom_pb.ts";
import { KitchenService } from "./gen/kitchen/v1/kitchen_pb.ts";

describe("an annotation that is wrong is refused at start, by the method's name", () => {
  test.each([
    ["SyntaxService", 'path template "/v1/{name", column 10: expected "}"'],
    [
      "UnknownVariableService",
      'the path captures nam: kitchen.v1.Thing has no field "nam"; it has name, tags, inner, inners, wrapped',
    ],
    ["RepeatedVariableService", "the path captures tags, which is not a singular scalar or enum"],
    ["MessageVariableService", "the path captures inner, which is not a singular scalar or enum"],
    [
      "WrapperVariableService",
      "the path captures wrapped.value: kitchen.v1.Thing.wrapped has no fields that can be set one by one",
    ],
    [
      "ThroughListService",
      "the path captures inners.name: kitchen.v1.Thing.inners has no fields that can be set one by one",
    ],
    ["TwiceService", "the path captures name twice"],
    ["UnknownBodyService", "body names thing, which kitchen.v1.Thing does not have"],
    ["CapturedBodyService", "name is bound by the path and by the body"],
    ["GetBodyService", "GET has no body, but the http option binds one"],
    ["UnknownResponseBodyService", "response_body names thing, which kitchen.v1.Thing does not have"],
    ["NoPatternService", "the http option names no method and path"],
    ["NestedBindingService", "additional_bindings cannot hold additional_bindings"],
    ["BadKindService", '"FETCH" is not an HTTP method'],
    ["BodylessStreamService", "a stream of requests is a body, but the http option binds none"],
    ["TwoRestsService", 'path template "/v1/**/things/{name=**}", column 21: there is a "**" already'],
  ])("%s", (name, problem) => {
    const service = file_kitchen_v1_broken.services.find((candidate) => candidate.name === name);
    expect(() => compileRoutes([service!], {})).toThrow(new Error(`kitchen.v1.${name}.Call: ${problem}`));
  });

  test("two methods that match the same paths are both named", () => {
    expect(() => compileRoutes([DuplicateService], {})).toThrow(
      "kitchen.v1.DuplicateService.Second: GET /v1/things/{name} matches what kitchen.v1.DuplicateService.First is bound to",
    );
  });

  test("all that is wrong is told at once, a line each", () => {
    expect(() => compileRoutes(file_kitchen_v1_broken.services, {})).toThrow(
      /SyntaxService.Call: .*\n(.*\n)+kitchen.v1.DuplicateService.Second: .*$/,
    );
  });

  test("so is a service that is given twice", () => {
    expect(() => compileRoutes([KitchenService, KitchenService], {})).toThrow("GET /v1/sink matches what");
  });

  test("and a header that would fill a field of another kind", () => {
    expect(() => compileRoutes([KitchenService], { "x-dish": "dish" })).toThrow(
      "kitchen.v1.KitchenService.CreateDish: the header x-dish cannot fill dish, which is not a singular scalar",
    );
  });
});

test("every binding of every annotated method has a route", () => {
  const { trie } = compileRoutes([KitchenService, CustomService], {});
  const requests = [
    ["GET", "/v1/menus/1/dishes/2", "GetDish"],
    ["GET", "/v1/dishes/2", "GetDish"],
    ["DELETE", "/v1/menus/1/dishes/2", "DeleteDish"],
    ["POST", "/v1/menus/1/dishes/2:cook", "CookDish"],
    ["REPORT", "/v1/report/a", "Report"],
    ["HEAD", "/v1/head/a", "Head"],
    ["LOCK", "/v1/any/a", "Any"],
    ["PUT", "/v1/any/a", "Put"],
  ] as const;
  for (const [method, path, name] of requests) {
    const match = lookup(trie, method, path);
    expect(match.kind === "route" && match.route.method.name).toBe(name);
  }
});
