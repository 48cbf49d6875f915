import { DatabaseError } from "sequelize";

const ATTEMPTS = 5;

/**
 * Does the work again where MySQL undid it, because another transaction and it waited for each other: at that moment the
 * other one goes on. Work is one statement or one transaction.
 */
export async function retryDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isDeadlock(error)) throw error;
    }
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof DatabaseError && (error.original as { code?: string }).code === "ER_LOCK_DEADLOCK";
}
