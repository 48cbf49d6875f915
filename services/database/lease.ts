import { randomUUID } from "node:crypto";
import { literal, Op, UniqueConstraintError } from "sequelize";
import type { Database } from "./database.ts";
import { Tenure } from "./tenure.ts";

/** What a lease is called, and how many milliseconds it lasts from each renewal. */
export type LeaseOptions = { name: string; ttlMs: number };

/** Milliseconds since 1970 by the database's clock, at the beginning of the statement. */
const NOW = {
  mysql: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
  sqlite: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
};

/**
 * A lock with expiry: of all processes that ask for the lease of this name, one has it at a time. The database judges, by
 * its own clock.
 */
export class Lease {
  readonly ttlMs: number;
  readonly #database: Database;
  readonly #name: string;

  constructor(database: Database, { name, ttlMs }: LeaseOptions) {
    this.ttlMs = ttlMs;
    this.#database = database;
    this.#name = name;
  }

  /** Takes the lease where nobody has it; undefined where somebody does. */
  async take(): Promise<Tenure | undefined> {
    const holder = randomUUID();
    const askedAt = performance.now();
    if (!(await this.#takeOver(holder)) && !((await this.#addRow()) && (await this.#takeOver(holder))))
      return undefined;
    return new Tenure({
      ttlMs: this.ttlMs,
      renewedAt: askedAt,
      renew: () => this.#extend({ holder }, holder),
      release: () => this.#release(holder),
    });
  }

  #takeOver(holder: string): Promise<boolean> {
    return this.#extend({ expireTime: { [Op.lte]: literal(this.#now) } }, holder);
  }

  /** Lets the lease last for its time from now on, where it is as it should be; false where it is not. */
  async #extend(condition: object, holder: string): Promise<boolean> {
    const expireTime = literal(`${this.#now} + ${this.ttlMs}`);
    const where = { ...condition, name: this.#name };
    const [updated] = await this.#database.leases.update({ holder, expireTime }, { where });
    return updated === 1;
  }

  async #release(holder: string): Promise<void> {
    await this.#database.leases.update({ holder: "", expireTime: 0 }, { where: { name: this.#name, holder } });
  }

  /** Adds the row of a lease that nobody had yet; false where it is there. */
  async #addRow(): Promise<boolean> {
    if (await this.#database.leases.findByPk(this.#name, { raw: true })) return false;
    try {
      await this.#database.leases.create({ name: this.#name, holder: "", expireTime: 0 });
    } catch (error) {
      if (!(error instanceof UniqueConstraintError)) throw error;
    }
    return true;
  }

  get #now(): string {
    return NOW[this.#database.sequelize.getDialect() as keyof typeof NOW];
  }
}
