import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Newcomer, startServer, welcomeNewcomer } from "./newcomer.ts";
import { codeOf, filesOf, readBlocks } from "./page-blocks.ts";
import { answersIn, paste } from "./shell.ts";
import { hasTool } from "./tool.ts";

const readme = await readBlocks("README.md");

describe("README, pasted by a newcomer", () => {
  let newcomer: Newcomer;
  let server: Awaited<ReturnType<typeof startServer>>;

  beforeAll(async () => {
    newcomer = await welcomeNewcomer();
    server = await startServer(codeOf(readme, "start"), newcomer.env);
  });
  afterAll(async () => {
    await server?.stop();
    await newcomer?.leave();
  });

  async function inShell(script: string, shell: "sh" | "bash" = "sh", env = newcomer.env) {
    const result = await paste(shell, script, { env, cwd: newcomer.folder });
    return { ...result, answers: answersIn(result.stdout) };
  }

  test.each(["sh", "bash"] as const)("the tour in %s", async (shell) => {
    const { answers, stderr } = await inShell(codeOf(readme, "tour"), shell);
    expect(stderr).toBe("");
    const [application, chat, hello, morning, list, found, once, again] = answers;
    expect(application).toMatchObject({ displayName: "My product", apiKey: expect.stringMatching(/^parley_/) });
    expect(chat).toMatchObject({ name: `${application!.name}/chats/1`, title: "General" });
    expect(hello).toMatchObject({ number: 1, body: "Hello, world", author: { user: "ada" } });
    expect(morning).toMatchObject({ number: 2, body: "Good morning, Ada", author: { user: "grace" } });
    expect(list).toEqual({ messages: [morning, hello] });
    expect(found!.results).toEqual([{ message: morning, snippet: "Good <em>morn</em>ing, Ada" }]);
    expect(once).toMatchObject({ number: 3, body: "Once" });
    expect(again).toEqual(once);
  });

  test.each(["sh", "bash"] as const)("people, after the tour, in %s", async (shell) => {
    const { answers, stderr } = await inShell(`${codeOf(readme, "tour")}${codeOf(readme, "people")}`, shell);
    expect(stderr).toBe("");
    const [loggedIn, direct, hello, list, group, question, reaction, hidden] = answers.slice(8);
    expect(loggedIn).toMatchObject({ accessToken: expect.any(String), user: { displayName: "ada" } });
    expect(direct).toMatchObject({ number: 2, kind: "KIND_DIRECT", membersCount: 2 });
    const ada = { user: direct!.creator, displayName: "ada", type: "TYPE_CUSTOMER" };
    expect(hello).toMatchObject({ number: 1, body: "Hello, Grace", author: ada });
    expect(list).toMatchObject({ chats: [{ name: direct!.name, unreadCount: 1, lastMessage: hello }] });
    expect(group).toMatchObject({ number: 3, kind: "KIND_GROUP", title: "Engines", membersCount: 2 });
    expect(question).toMatchObject({ author: { displayName: "grace" }, mentions: [ada.user] });
    expect(reaction).toMatchObject({ name: question!.name, reactions: [{ emoji: "👍", users: [ada.user] }] });
    expect(hidden).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
  });

  test.skipIf(!hasTool("grpcurl"))("gRPC with grpcurl", async () => {
    const { answers, stdout, stderr } = await inShell(`${codeOf(readme, "tour")}echo ----\n${codeOf(readme, "grpc")}`);
    expect(stderr).toBe("");
    const answer = JSON.parse(stdout.split("----\n")[1]!);
    expect(answer).toEqual({ chats: [expect.objectContaining({ name: answers[1]!.name, title: "General" })] });
  });

  test("Connect with connect-web", async () => {
    for (const { mark: file, code } of filesOf(readme)) {
      await mkdir(dirname(join(newcomer.folder, file)), { recursive: true });
      await writeFile(join(newcomer.folder, file), code);
    }
    const { stdout, stderr } = await inShell(`${codeOf(readme, "tour")}echo ----\n${codeOf(readme, "connect")}`);
    expect(stderr).toBe("");
    expect(stdout.split("----\n")[1]).toBe("3 Once\n2 Good morning, Ada\n1 Hello, world\n");
  });

  test("a client of one's own with buf generate", async () => {
    const { code, stderr } = await inShell(codeOf(readme, "generate"));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const files = await readdir(join(newcomer.folder, "client/parley/v1"));
    expect(files).toEqual(expect.arrayContaining(["chat_service_pb.ts", "message_pb.ts", "search_service_pb.ts"]));
  });

  test("the tests are run as package.json has them", () => {
    expect(codeOf(readme, "test")).toBe("npm ci && npm test\n");
  });

  test("a copy of the stopped server's folder is a back-up, also without the search index", async () => {
    const { answers } = await inShell(codeOf(readme, "tour"));
    await server.stop();
    const copy = await mkdtemp(join(tmpdir(), "parley-backup-"));
    await cp(newcomer.dataDir, copy, { recursive: true, filter: (path) => !path.includes("search.sqlite") });
    const env = { ...newcomer.env, DATA_DIR: copy };
    server = await startServer(codeOf(readme, "start"), env);
    const [application] = answers;
    const search = `call "\${url}/v1/${application!.name}/chats/1/messages:search?query=morn"\n`;
    const again = `${codeOf(readme, "tour")}key=$(cat "\${DATA_DIR}/admin-key")\n${search}`;
    const { answers: restored } = await inShell(again, "sh", env);
    expect(restored.at(-1)).toEqual(answers[5]);
    await server.stop();
    await rm(copy, { recursive: true });
    server = await startServer(codeOf(readme, "start"), newcomer.env);
  });
});
