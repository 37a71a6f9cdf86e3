package dev.kelvin.bench;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The record of acknowledged writes: one line each, {@code key value revision}, flushed when
 * acknowledged, so that it holds them all also if the writer is killed. Every write has a key of
 * its own, so each can be looked for afterwards.
 */
final class Ledger implements AutoCloseable {
  private final Writer out;

  /** Creates the file, replacing one that exists. */
  Ledger(Path file) throws IOException {
    this.out = Files.newBufferedWriter(file);
  }

  /** Records an acknowledged write. Callable by many threads. */
  synchronized void acknowledged(String key, String value, long revision) {
    try {
      out.write(key + " " + value + " " + revision + "\n");
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  /** An acknowledged write of a ledger. */
  record Entry(String value, long revision) {}

  /**
   * Reads a ledger. A last line cut short, by a kill while it was written, is left out.
   *
   * @return entries by key
   */
  static Map<String, Entry> read(Path file) throws IOException {
    String text = Files.readString(file);
    var entries = new HashMap<String, Entry>();
    text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .forEach(
            line -> {
              String[] parts = line.split(" ");
              if (parts.length != 3) {
                throw new IllegalArgumentException("not a line of a ledger: " + line);
              }
              entries.put(parts[0], new Entry(parts[1], Long.parseLong(parts[2])));
            });
    return entries;
  }

  /**
   * What a server holds, against the ledger.
   *
   * @param acknowledged writes in the ledger
   * @param missing of these, keys the server does not hold
   * @param different of these, keys it holds with another value, or older than acknowledged
   * @param unrecorded keys the server holds beyond: writes whose answer was lost, no fault
   */
  record Verdict(int acknowledged, int missing, int different, int unrecorded, String example) {
    boolean holds() {
      return missing == 0 && different == 0;
    }
  }

  /** Compares, with {@code held} the entries a server holds under the ledger's prefix. */
  static Verdict verify(Map<String, Entry> acknowledged, Map<String, Entry> held) {
    int missing = 0;
    int different = 0;
    String example = "";
    for (var written : acknowledged.entrySet()) {
      Entry found = held.get(written.getKey());
      if (found == null) {
        missing++;
        example = written.getKey();
      } else if (!found.value.equals(written.getValue().value)
          || found.revision < written.getValue().revision) {
        // A retried write may be applied again, later, but never earlier than acknowledged.
        different++;
        example = written.getKey();
      }
    }
    int common = acknowledged.size() - missing;
    return new Verdict(acknowledged.size(), missing, different, held.size() - common, example);
  }

  /** Reads everything a server holds under {@code prefix}, linearizably. */
  static Map<String, Entry> held(Reader reader, String prefix) {
    var held = new HashMap<String, Entry>();
    var from = ByteString.copyFromUtf8(prefix);
    var to = ByteString.copyFromUtf8(prefix.substring(0, prefix.length() - 1) + "0");
    reader.range(
        from,
        to,
        false,
        kv ->
            held.put(
                kv.getKey().toStringUtf8(),
                new Entry(kv.getValue().toStringUtf8(), kv.getModRevision())));
    return held;
  }
}
