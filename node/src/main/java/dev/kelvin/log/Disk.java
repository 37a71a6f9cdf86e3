package dev.kelvin.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One directory of files, as much of it as the log needs. What is written is sure to survive a
 * power loss only after {@link File#force}; a created, renamed or deleted name only after {@link
 * #sync}.
 */
public interface Disk {
  /** Names of the files, in no order. */
  List<String> list() throws IOException;

  /** No space for what was to be added; what was there before is as it was. */
  final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1;

    public NoSpaceException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Creates a file that must not exist.
   *
   * @throws NoSpaceException when there is no space for it
   */
  File create(String name) throws IOException;

  /** Opens a file that must exist, for reading and writing. */
  File open(String name) throws IOException;

  /** Renames, replacing what bears the new name. */
  void rename(String from, String to) throws IOException;

  void delete(String name) throws IOException;

  /** Makes creations, renames and deletions durable. */
  void sync() throws IOException;

  /** An open file. Reads may run beside a write of other bytes. */
  interface File extends AutoCloseable {
    long size() throws IOException;

    /**
     * Reserves space up to {@code size} bytes, as zeros, so that later writes need no new block.
     *
     * @throws NoSpaceException when there is not so much; some may be taken
     */
    void allocate(long size) throws IOException;

    /** Reads until {@code target} is full or the file ends; returns how many bytes were read. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Writes all of {@code source}. */
    void write(ByteBuffer source, long position) throws IOException;

    /** Makes everything written so far durable. Any failure means that nothing can be trusted. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }
}
