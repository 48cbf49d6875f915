/** The numbers of the fields of parley.queue.v1 that are written and read by hand, as record.proto gives them. */

export const RECORD_FIELDS = { writes: 1 } as const;

export const WRITE_FIELDS = {
  createChat: 1,
  createMessages: 2,
  mutation: 3,
  applied: 4,
  epoch: 5,
  markRead: 6,
} as const;

export const CREATE_MESSAGES_FIELDS = { request: 1, application: 2, chat: 3, messages: 4 } as const;

export const CREATE_REQUEST_FIELDS = { principal: 1, requestId: 2, digest: 3 } as const;
