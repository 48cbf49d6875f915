import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/**
 * Removes the streams of an installation that nothing uses any more. They take room from the server for as much as they may
 * ever hold, so that those of a few cases would fill it.
 */
export async function deleteStreams(natsUrl: string, installation: string): Promise<void> {
  const connection = await connect({ servers: natsUrl });
  try {
    const { streams } = await jetstreamManager(connection);
    for await (const name of streams.names()) {
      if (name.startsWith(`${installation}-`)) await streams.delete(name);
    }
  } finally {
    await connection.close();
  }
}
