/** The numbers of the fields of parley.v1 that are written and read by hand, as the contract gives them. */

export const MESSAGE_FIELDS = {
  name: 1,
  number: 2,
  body: 3,
  author: 4,
  metadata: 5,
  requestId: 6,
  createTime: 7,
  updateTime: 8,
  editTime: 9,
  deleteTime: 10,
  etag: 11,
  internal: 12,
  replyTo: 13,
  reactions: 14,
  mentions: 15,
  systemEvent: 16,
} as const;

export const AUTHOR_FIELDS = { user: 1, displayName: 2, type: 3 } as const;

export const REACTION_FIELDS = { emoji: 1, users: 2 } as const;

/** Of the messages that a map's entries are. https://protobuf.dev/programming-guides/encoding/#maps */
export const ENTRY_FIELDS = { key: 1, value: 2 } as const;

/** Of google.protobuf.Timestamp. */
export const TIMESTAMP_FIELDS = { seconds: 1, nanos: 2 } as const;

/** Of ListMessagesResponse; BatchCreateMessagesResponse has the same messages. */
export const MESSAGE_LIST_FIELDS = { messages: 1, nextPageToken: 2 } as const;
