import { expect, test, vi } from "vitest";
import { formatBanner, printBanner } from "../../../services/process/banner.ts";

const FACTS = {
  address: "http://127.0.0.1:8080",
  grpcAddress: "127.0.0.1:50051",
  dataDir: "./data",
  ownAdminKey: false,
};

test("the banner says where everything is, and how the key is had", () => {
  const banner = formatBanner(FACTS);
  for (const fact of ["http://127.0.0.1:8080/docs", "127.0.0.1:50051", "./data"]) expect(banner).toContain(fact);
  expect(banner).toContain("Bearer $(cat ./data/admin-key)");
  expect(formatBanner({ ...FACTS, ownAdminKey: true })).toContain("Bearer $ADMIN_KEY");
});

test("the banner goes to stderr", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  printBanner(FACTS);
  expect(write).toHaveBeenCalledWith(formatBanner(FACTS));
  write.mockRestore();
});
