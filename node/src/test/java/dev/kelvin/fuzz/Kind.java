package dev.kelvin.fuzz;

/** What a frame is meant to be; a run counts each, and fails if one never happened. */
enum Kind {
  CACHE_GET(Door.CACHE, "a GET"),
  CACHE_SET(Door.CACHE, "a SET"),
  CACHE_SET_TTL(Door.CACHE, "a SET with a TTL"),
  CACHE_JOIN(Door.CACHE, "a JOIN that must be refused"),
  CACHE_BINARY(Door.CACHE, "key and value of any bytes"),
  CACHE_NUMBERS(Door.CACHE, "TTLs and lengths at their edges, framing whole"),
  CACHE_FLIPPED(Door.CACHE, "a frame with bits flipped"),
  CACHE_LENGTH(Door.CACHE, "a length field at an extreme"),
  CACHE_SPLICED(Door.CACHE, "parts of two frames joined"),
  CACHE_COMMAND(Door.CACHE, "a command that is none, and more behind it"),
  CACHE_RANDOM(Door.CACHE, "random bytes"),
  CACHE_OVERSIZED(Door.CACHE, "a value larger than allowed, all of it sent"),
  CACHE_TRUNCATED(Door.CACHE, "a frame that ends early"),
  CACHE_SPLIT(Door.CACHE, "a frame in two packets, cut at each byte in turn"),
  CACHE_DRIBBLED(Door.CACHE, "a frame byte by byte"),

  JSON_GET(Door.JSON, "a get"),
  JSON_PUT(Door.JSON, "a put"),
  JSON_PUT_TTL(Door.JSON, "a put with a ttl"),
  JSON_DELETE(Door.JSON, "a delete"),
  JSON_FLIPPED(Door.JSON, "a line with bits flipped"),
  JSON_SPLICED(Door.JSON, "parts of two lines joined"),
  JSON_TYPES(Door.JSON, "members of wrong types, missing, twice, unknown"),
  JSON_NUMBERS(Door.JSON, "numbers at their edges and beyond"),
  JSON_DEEP(Door.JSON, "deeply nested"),
  JSON_TEXT(Door.JSON, "broken escapes, lone surrogates, bytes that are no UTF-8"),
  JSON_RANDOM(Door.JSON, "a line of random bytes"),
  JSON_BLANK(Door.JSON, "empty lines, carriage returns, blanks around"),
  JSON_LONG(Door.JSON, "a line longer than allowed"),
  JSON_TRUNCATED(Door.JSON, "a line without an end"),
  JSON_SPLIT(Door.JSON, "a line in two packets, cut at each byte in turn"),
  JSON_DRIBBLED(Door.JSON, "a line byte by byte"),

  HTTP_GET(Door.HTTP, "GET of a key"),
  HTTP_PUT(Door.HTTP, "PUT of a key"),
  HTTP_CHUNKED(Door.HTTP, "PUT of a key in chunks"),
  HTTP_DELETE(Door.HTTP, "DELETE of a key"),
  HTTP_HEAD(Door.HTTP, "HEAD"),
  HTTP_HEALTH(Door.HTTP, "health, version"),
  HTTP_PATH(Door.HTTP, "a path that is odd"),
  HTTP_PERCENT(Door.HTTP, "a path with bad percent encodings"),
  HTTP_QUERY(Door.HTTP, "a query that is odd"),
  HTTP_LIST(Door.HTTP, "a listing, with parameters that are odd"),
  HTTP_WATCH(Door.HTTP, "a stream of events, left alone"),
  HTTP_HEADERS(Door.HTTP, "headers that are odd"),
  HTTP_METHOD(Door.HTTP, "a method that is odd"),
  HTTP_VERSION(Door.HTTP, "a version that is odd"),
  HTTP_LONG(Door.HTTP, "a request line or headers longer than allowed"),
  HTTP_LENGTH(Door.HTTP, "a Content-Length that is odd"),
  HTTP_OVERSIZED(Door.HTTP, "a body larger than allowed"),
  HTTP_CHUNKS(Door.HTTP, "chunks that are broken"),
  HTTP_FLIPPED(Door.HTTP, "a request with bits flipped"),
  HTTP_SPLICED(Door.HTTP, "parts of two requests joined"),
  HTTP_RANDOM(Door.HTTP, "random bytes"),
  HTTP_UPGRADE(Door.HTTP, "an upgrade to another protocol, or HTTP/2 at once"),
  HTTP_TRUNCATED(Door.HTTP, "a request that ends early"),
  HTTP_SPLIT(Door.HTTP, "a request in two packets, cut at each byte in turn"),
  HTTP_DRIBBLED(Door.HTTP, "a request byte by byte");

  final Door door;
  final String words;

  Kind(Door door, String words) {
    this.door = door;
    this.words = words;
  }
}
