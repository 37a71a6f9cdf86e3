package dev.kelvin.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Headers of HTTP/2 (RFC 7541), without the dynamic table: both sides have it off, because a {@link
 * Connection} says so in its settings before anything else.
 */
final class Hpack {
  /** {@code :method: POST}, {@code :scheme: http}. */
  static final int METHOD_POST = 0x83;

  static final int SCHEME_HTTP = 0x86;

  /** Places in the static table. */
  static final int AUTHORITY = 1;

  static final int PATH = 4;
  static final int CONTENT_TYPE = 31;
  static final int USER_AGENT = 58;

  private static final int STATIC_ENTRIES = 61;

  /** The static table's values of {@code :status}. */
  private static final int FIRST_STATUS = 8;

  private static final String[] STATUSES = {"200", "204", "206", "304", "400", "404", "500"};

  /**
   * The lengths of Huffman's codes for the bytes 0 to 255 and the end, from 'A' for 5 bits. The
   * codes follow from them: they are in the order of length, then of byte (RFC 7541, appendix B).
   */
  private static final String LENGTHS =
      "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHF"
          + "IBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
          + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS"
          + "VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ";

  private static final int SHORTEST = 5;
  private static final int LONGEST = 30;
  private static final int END = 256;

  private final byte[] block;
  private int at;

  private Hpack(byte[] block) {
    this.block = block;
  }

  /** Writes a header whose name is in the static table. */
  static void write(ByteArrayOutputStream to, int name, String value) {
    // Literal, not to be remembered.
    writeNumber(to, 0, 4, name);
    writeText(to, value);
  }

  static void write(ByteArrayOutputStream to, String name, String value) {
    to.write(0);
    writeText(to, name);
    writeText(to, value);
  }

  private static void writeText(ByteArrayOutputStream to, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    writeNumber(to, 0, 7, bytes.length);
    to.writeBytes(bytes);
  }

  private static void writeNumber(ByteArrayOutputStream to, int first, int bits, int number) {
    int most = (1 << bits) - 1;
    if (number < most) {
      to.write(first | number);
      return;
    }
    to.write(first | most);
    int rest = number - most;
    while (rest >= 128) {
      to.write(rest & 127 | 128);
      rest >>>= 7;
    }
    to.write(rest);
  }

  /**
   * Reads a block of headers; those that only have a place in the static table, other than {@code
   * :status}, are of no use to a client of gRPC and left out.
   */
  static Map<String, String> read(byte[] block) throws IOException {
    try {
      return new Hpack(block).headers();
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("sent headers that end too early", e);
    }
  }

  private Map<String, String> headers() throws IOException {
    var headers = new HashMap<String, String>();
    while (at < block.length) {
      int first = block[at] & 0xff;
      if (first >= 128) {
        int entry = number(7);
        checkEntry(entry);
        if (entry >= FIRST_STATUS && entry < FIRST_STATUS + STATUSES.length) {
          headers.put(":status", STATUSES[entry - FIRST_STATUS]);
        }
      } else if (first >= 32 && first < 64) {
        // The size of the dynamic table: none.
        number(5);
      } else {
        int entry = number(first >= 64 ? 6 : 4);
        checkEntry(entry);
        var name = entry == 0 ? text() : name(entry);
        headers.put(name, text());
      }
    }
    return headers;
  }

  private static String name(int entry) {
    return entry >= FIRST_STATUS && entry < FIRST_STATUS + STATUSES.length
        ? ":status"
        : "static-" + entry;
  }

  private static void checkEntry(int entry) throws IOException {
    if (entry > STATIC_ENTRIES) {
      throw new IOException("sent headers by a dynamic table, which was declined");
    }
  }

  private int number(int bits) throws IOException {
    int most = (1 << bits) - 1;
    long number = block[at++] & most;
    if (number < most) {
      return (int) number;
    }
    for (int shift = 0; ; shift += 7) {
      int b = block[at++];
      number += (long) (b & 127) << shift;
      if (number > block.length && number > 1 << 16 || shift > 28) {
        throw new IOException("sent headers with an endless number");
      }
      if (b >= 0) {
        return (int) number;
      }
    }
  }

  private String text() throws IOException {
    boolean coded = block[at] < 0;
    int length = number(7);
    if (length > block.length - at) {
      throw new IndexOutOfBoundsException(length);
    }
    at += length;
    return coded
        ? Huffman.decode(block, at - length, at)
        : new String(block, at - length, length, StandardCharsets.UTF_8);
  }

  /** Made when the first coded text comes; most servers send none. */
  private static final class Huffman {
    /** By length: the first code, and where its bytes begin. */
    private static final int[] FIRST = new int[LONGEST + 2];

    private static final int[] OFFSET = new int[LONGEST + 2];

    /** In the order of their codes. */
    private static final int[] SYMBOLS = new int[LENGTHS.length()];

    static {
      int code = 0;
      int count = 0;
      for (int length = SHORTEST; length <= LONGEST; length++) {
        code <<= 1;
        FIRST[length] = code;
        OFFSET[length] = count;
        for (int symbol = 0; symbol < SYMBOLS.length; symbol++) {
          if (LENGTHS.charAt(symbol) - 'A' + SHORTEST == length) {
            SYMBOLS[count++] = symbol;
            code++;
          }
        }
      }
      OFFSET[LONGEST + 1] = count;
    }

    static String decode(byte[] from, int start, int end) throws IOException {
      var out = new ByteArrayOutputStream();
      int code = 0;
      int length = 0;
      for (int bit = 8 * start; bit < 8 * end; bit++) {
        code = code << 1 | from[bit >> 3] >> (7 - (bit & 7)) & 1;
        length++;
        if (length < SHORTEST) {
          continue;
        }
        if (length > LONGEST) {
          throw new IOException("sent a header that cannot be decoded");
        }
        int place = OFFSET[length] + code - FIRST[length];
        if (place >= OFFSET[length] && place < OFFSET[length + 1]) {
          if (SYMBOLS[place] == END) {
            throw new IOException("sent a header that cannot be decoded");
          }
          out.write(SYMBOLS[place]);
          code = 0;
          length = 0;
        }
      }
      // What is left are the first bits of the end: ones.
      if (length > 7 || code != (1 << length) - 1) {
        throw new IOException("sent a header that cannot be decoded");
      }
      return out.toString(StandardCharsets.UTF_8);
    }
  }
}
