package dev.kelvin.bench;

/** What a load run asks of the servers. */
enum Op {
  /** Put of a random key. */
  PUT,
  /** Linearizable read of a random key. */
  GET,
  /** Serializable read of a random key: from the asked node alone, possibly stale. */
  SGET,
  /** Transaction: if the key's mod revision is the one last seen, put; else read it again. */
  CAS,
  /** Put of every key once, in order; ends when all are written. */
  FILL;

  boolean reads() {
    return this == GET || this == SGET;
  }
}
