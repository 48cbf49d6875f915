import { createSeededRandom, type SeededRandom } from "../../test/seeded-random.ts";

/** A message to be searched for. */
export type SearchedText = { chat: number; number: number; body: string };

/** The chat that is searched; the other chats share what it does not have. */
export const SEARCHED_CHAT = 1;
const OTHER_CHATS = 90;

const WORDS = 80_000;
const [LEAST_WORDS, MOST_WORDS] = [8, 24];
/** One message in so many has a word that no other one has, such as an order's number. */
const RARE_WORD_EVERY = 4;
const SYLLABLES = [..."bcdfghklmnprstvwz"].flatMap((consonant) => [..."aeiou"].map((vowel) => consonant + vowel));
const [LEAST_SYLLABLES, MOST_SYLLABLES] = [2, 5];
const FINE = 2 ** 30;

/**
 * Messages of a sentence of 80,000 words and many rare ones. They follow from a seed: each number of a chat has the same
 * text, however many messages there are.
 */
export class SearchedTexts {
  /** The messages of each chat, the first of which is chat 1. */
  readonly sizes: readonly number[];
  readonly #messages: number;
  readonly #inChat: number;
  readonly #words = createWords();

  /** @param inChat how many of them are in the chat that is searched */
  constructor({ messages, inChat }: { messages: number; inChat: number }) {
    const sizeOf = (_: unknown, place: number) => Math.ceil((messages - inChat - place) / OTHER_CHATS);
    this.sizes = [inChat, ...Array.from({ length: OTHER_CHATS }, sizeOf)];
    this.#messages = messages;
    this.#inChat = inChat;
  }

  bodyOf(chat: number, number: number): string {
    const random = createSeededRandom(chat * 2 ** 24 + number);
    const count = between(random, LEAST_WORDS, MOST_WORDS);
    const chosen = Array.from({ length: count }, () => this.#pickWord(random));
    if (random.below(RARE_WORD_EVERY) === 0) chosen[random.below(count)] = `r${random.below(FINE).toString(36)}`;
    const text = chosen.join(" ");
    return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
  }

  /** All of them, those of each chat evenly among those of the others, as if all chats went on at the same time. */
  *all(): Generator<SearchedText> {
    let [inChat, inOthers] = [0, 0];
    for (let index = 1; index <= this.#messages; index++) {
      const isInChat = inChat < Math.floor((index * this.#inChat) / this.#messages);
      const chat = SEARCHED_CHAT + (isInChat ? 0 : 1 + (inOthers % OTHER_CHATS));
      const number = 1 + (isInChat ? inChat++ : Math.floor(inOthers++ / OTHER_CHATS));
      yield { chat, number, body: this.bodyOf(chat, number) };
    }
  }

  /**
   * Different parts, all equally long, from the inside of words of a chat. So what is frequent there is frequent here, and
   * each is found.
   */
  pickInfixes(count: number, length: number, chat: number = SEARCHED_CHAT): string[] {
    const random = createSeededRandom(count);
    const infixes = new Set<string>();
    while (infixes.size < count) {
      const text = this.bodyOf(chat, 1 + random.below(this.sizes[chat - 1]!));
      const words = text
        .toLowerCase()
        .match(/\w+/g)!
        .filter((word) => word.length >= length + 2);
      if (words.length > 0) infixes.add(random.pick(words).slice(1, length + 1));
    }
    return [...infixes];
  }

  /** Numbers of a chat that all have as many digits, and take as many bytes. */
  pickNumbers(count: number, chat: number): number[] {
    const random = createSeededRandom(count);
    const half = 10 ** Math.floor(Math.log10(this.sizes[chat - 1]!)) / 2;
    return Array.from({ length: count }, () => half + random.below(half));
  }

  /** How often a word comes falls with its rank as 1 / rank: Zipf's law. */
  #pickWord(random: SeededRandom): string {
    return this.#words[Math.floor((WORDS + 1) ** (random.below(FINE) / FINE)) - 1]!;
  }
}

function createWords(): string[] {
  const random = createSeededRandom(WORDS);
  const words = new Set<string>();
  while (words.size < WORDS) {
    const syllables = between(random, LEAST_SYLLABLES, MOST_SYLLABLES);
    words.add(Array.from({ length: syllables }, () => random.pick(SYLLABLES)).join(""));
  }
  return [...words];
}

function between(random: SeededRandom, least: number, most: number): number {
  return least + random.below(most - least + 1);
}
