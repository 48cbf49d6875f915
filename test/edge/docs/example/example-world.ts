import type { Mailbox } from "../../../mailbox.ts";

/** Calls by HTTP, with the admin key where no header says otherwise. */
export type Call = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<{ status: number; json: { [key: string]: unknown } }>;

/** Where an example is sent to. */
export type World = {
  /** The name of the application. */
  application: string;
  /** Changes an example's path or body, where it has to have what was told before: a secret, or an id. */
  change?(request: string): string;
  /** In whose name it is sent. Default: the administrator's. */
  headers?: Record<string, string>;
};

/** The address and password of the examples. */
const ACCOUNT = { email: "ada@example.com", password: "three geese on a bicycle" };

/** In which kind of chat ada is, by service. */
const CHATS: Record<string, object> = {
  MemberService: { kind: "KIND_GROUP", creator: "grace" },
  SupportService: { kind: "KIND_SUPPORT", creator: "ada" },
};

/** What comes before some of the operations, in an application with ada, grace and chat 1. */
const BEFORE: Record<string, (call: Call, name: string, mailbox: Mailbox) => Promise<Omit<World, "application">>> = {
  async AuthService_ActivateUser(call, name, mailbox) {
    return { change: replaceIn("token", await register(call, name, mailbox)) };
  },
  async AuthService_LogIn(call, name, mailbox) {
    const token = await register(call, name, mailbox);
    const body = JSON.stringify({ token, password: ACCOUNT.password });
    await call("POST", `/v1/${name}/users:activate`, body);
    return {};
  },
  async AuthService_RefreshTokens(call, name) {
    const { refreshToken } = await logInAda(call, name);
    return { change: replaceIn("refreshToken", refreshToken) };
  },
  async AuthService_ResetPassword(call, name, mailbox) {
    return { change: replaceIn("token", await mailReset(call, name, mailbox)) };
  },
  async AuthService_ChangePassword(call, name, mailbox) {
    const token = await mailReset(call, name, mailbox);
    const body = JSON.stringify({ token, newPassword: ACCOUNT.password });
    await call("POST", `/v1/${name}/users:resetPassword`, body);
    return { headers: { authorization: `Bearer ${(await logInAda(call, name)).accessToken}` } };
  },
  async AuthService_DeleteTokenKey(call, name) {
    const publicKey = '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}';
    const body = JSON.stringify({ publicKey, issuer: "https://bakery.example.com" });
    const { json } = await call("POST", `/v1/${name}/tokenKeys`, body);
    return { change: (request) => request.replace(/tokenKeys\/\w+/, String(json.name).replace(`${name}/`, "")) };
  },
};

/**
 * An application in which the resource that an operation is for is there: ada and grace, and the chat and message 1 of the
 * examples, but nothing below what is to be deleted, and no ada who is to be created.
 */
export async function createWorld(call: Call, mailbox: Mailbox, id: string): Promise<World> {
  const { json } = await call("POST", "/v1/applications", '{"displayName":"Example"}');
  const application = String(json.name);
  // So that its mails can be told from those of others.
  await call("PATCH", `/v1/${application}`, JSON.stringify({ displayName: titleOf(application) }));
  if (id === "ApplicationService_DeleteApplication") return { application };
  const isRegistered = ["UserService_CreateUser", "AuthService_ActivateUser", "AuthService_LogIn"].includes(id);
  if (!isRegistered) await createUser(call, application, { id: "ada", email: ACCOUNT.email });
  await createUser(call, application, { id: "grace", role: "ROLE_AGENT" });
  await furnish(call, application, id);
  return { application, ...(await BEFORE[id]?.(call, application, mailbox)) };
}

/** What an application is called in mails. */
function titleOf(name: string): string {
  return name.slice(-10);
}

async function furnish(call: Call, name: string, id: string): Promise<void> {
  const [service = ""] = id.split("_");
  const members = service === "MemberService" && id !== "MemberService_AddMembers" ? ["ada"] : [];
  await call("POST", `/v1/${name}/chats`, JSON.stringify({ ...CHATS[service], members }));
  if (id === "ChatService_DeleteChat") return;
  await call("POST", `/v1/${name}/chats/1/messages`, '{"body":"A cake, please."}');
}

async function createUser(call: Call, name: string, { id, ...user }: { id: string } & Record<string, string>) {
  await call("POST", `/v1/${name}/users?userId=${id}`, JSON.stringify(user));
}

/** Resolves with the token that was mailed. */
async function register(call: Call, name: string, mailbox: Mailbox): Promise<string> {
  await call("POST", `/v1/${name}/users:register`, JSON.stringify(ACCOUNT));
  return mailbox.takeToken(ACCOUNT.email, titleOf(name));
}

async function mailReset(call: Call, name: string, mailbox: Mailbox): Promise<string> {
  await call("POST", `/v1/${name}/users:requestPasswordReset`, JSON.stringify({ email: ACCOUNT.email }));
  return mailbox.takeToken(ACCOUNT.email, titleOf(name));
}

async function logInAda(call: Call, name: string): Promise<{ accessToken: string; refreshToken: string }> {
  const { json } = await call("POST", `/v1/${name}/users/ada:createTokens`, '{"refreshable":true}');
  return { accessToken: String(json.accessToken), refreshToken: String(json.refreshToken) };
}

function replaceIn(field: string, value: string) {
  return (request: string) => request.replace(new RegExp(`"${field}":"[^"]*"`), `"${field}":"${value}"`);
}
