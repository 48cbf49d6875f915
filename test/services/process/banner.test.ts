import { expect, test, vi } from "vitest";
import { formatBanner, printBanner } from "../../../services/process/banner.ts";

const FACTS = {
  address: "http://127.0.0.1:8080",
  grpcAddress: "127.0.0.1:50051",
  docsAddress: "http://127.0.0.1:8080",
  dataDir: "./data",
  ownAdminKey: false,
};

test("the banner says where everything is, and how the key is had", () => {
  const banner = formatBanner(FACTS);
  for (const fact of ["http://127.0.0.1:8080/docs", "127.0.0.1:50051", "./data"]) expect(banner).toContain(fact);
  expect(banner).toContain("Bearer $(cat ./data/admin-key)");
  expect(formatBanner({ ...FACTS, ownAdminKey: true })).toContain("Bearer $ADMIN_KEY");
});

test("the banner names the private port and the docs where they are alone", () => {
  expect(formatBanner(FACTS)).not.toContain("Private");
  const banner = formatBanner({ ...FACTS, docsAddress: undefined, privateAddress: "http://127.0.0.1:9000" });
  expect(banner).toMatch(/Private +http:\/\/127\.0\.0\.1:9000\n/);
  expect(banner).not.toContain("/docs");
});

test("the banner tells of TLS, and of certificates that curl does not know, where both ports have it", () => {
  expect(formatBanner(FACTS)).not.toMatch(/TLS|--cacert/);
  const banner = formatBanner({ ...FACTS, address: "https://127.0.0.1:8080" });
  expect(banner).toMatch(/ gRPC +127\.0\.0\.1:50051 with TLS\n/);
  expect(banner).toContain("--cacert");
});

test("the first call says why it fails, where it does", () => {
  expect(formatBanner(FACTS)).toContain("curl -sS http://127.0.0.1:8080/v1/applications");
});

test("the banner goes to stderr", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  printBanner(FACTS);
  expect(write).toHaveBeenCalledWith(formatBanner(FACTS));
  write.mockRestore();
});
