import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readAuthority } from "../../../services/settings/authority.ts";
import { SettingsError } from "../../../services/settings/settings.ts";
import { createCertificate } from "../../certificate.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

describe("an authority", () => {
  test("is none where none is set", async () => {
    expect(await readAuthority({}, "REDIS_TLS_CA_FILE")).toBeUndefined();
  });

  test("is what the file holds", async () => {
    const file = join(await temporaryFolder(), "ca.pem");
    const { cert } = createCertificate();
    await writeFile(file, Buffer.concat([cert, createCertificate().cert]));
    const found = await readAuthority({ REDIS_TLS_CA_FILE: file }, "REDIS_TLS_CA_FILE");
    expect(found!.subarray(0, cert.length)).toEqual(cert);
  });

  test("is refused with the setting's name, the path and the reason", async () => {
    const file = join(await temporaryFolder(), "ca.pem");
    const refusal = () =>
      readAuthority({ NATS_TLS_CA_FILE: file }, "NATS_TLS_CA_FILE").catch((error: unknown) => error);
    const missing = await refusal();
    expect(missing).toBeInstanceOf(SettingsError);
    expect((missing as Error).message).toContain(`NATS_TLS_CA_FILE ${file} cannot be read: ENOENT`);
    await writeFile(file, createCertificate().key);
    const wrong = await refusal();
    expect(wrong).toBeInstanceOf(SettingsError);
    expect((wrong as Error).message).toContain(`NATS_TLS_CA_FILE ${file} is not a certificate in PEM: `);
  });
});
