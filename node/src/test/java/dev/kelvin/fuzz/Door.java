package dev.kelvin.fuzz;

/** A way into the node that is fuzzed. */
enum Door {
  /** The binary cache protocol. */
  CACHE,
  /** JSON lines over TCP. */
  JSON,
  /** HTTP/1.1: health, metrics and REST. */
  HTTP
}
