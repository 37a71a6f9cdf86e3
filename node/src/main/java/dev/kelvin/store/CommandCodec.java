package dev.kelvin.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Commands as bytes; the layout is {@link Command}'s. Which version is written is the caller's
 * choice: a cluster writes only what its lowest member can apply.
 */
public class CommandCodec {
  /** Newest version this build reads, and the one it writes when all members can. */
  public static final int VERSION = 1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final int HEADER = 1 + 1 + 8 + 8 + 8 + 2;
  private static final CommandCodec STANDARD = new CommandCodec(VERSION, VERSION);

  private final int newestRead;
  private final int newestWritten;

  /**
   * @param newestRead newest version that {@link #decode} accepts
   * @param newestWritten newest version that this node writes; a release reads a version before any
   *     release writes it, so that a cluster can be rolled both ways
   */
  protected CommandCodec(int newestRead, int newestWritten) {
    this.newestRead = newestRead;
    this.newestWritten = newestWritten;
  }

  public static CommandCodec standard() {
    return STANDARD;
  }

  /** Newest version this codec reads. */
  public int newestRead() {
    return newestRead;
  }

  /** Newest version this codec may write, if all members can read it. */
  public int newestWritten() {
    return newestWritten;
  }

  /**
   * @param version to be written; at most {@link #newestRead}
   */
  public byte[] encode(
      int version, CommandKind kind, long origin, long incarnation, long request, byte[] payload) {
    var extension = extension(version);
    var bytes = new byte[HEADER + extension.length + payload.length];
    bytes[0] = (byte) version;
    bytes[1] = (byte) kind.code();
    LONG.set(bytes, 2, origin);
    LONG.set(bytes, 10, incarnation);
    LONG.set(bytes, 18, request);
    SHORT.set(bytes, 26, (short) extension.length);
    System.arraycopy(extension, 0, bytes, HEADER, extension.length);
    System.arraycopy(payload, 0, bytes, HEADER + extension.length, payload.length);
    return bytes;
  }

  /** What a version carries between header and payload. */
  protected byte[] extension(int version) {
    return new byte[0];
  }

  /**
   * @throws UnknownFormatException for a version or kind this codec does not know, or bytes that
   *     are no command
   */
  public Command decode(byte[] data) {
    if (data.length < HEADER) {
      throw new UnknownFormatException("a command of " + data.length + " bytes has no header");
    }
    int version = data[0] & 0xff;
    if (version < 1 || version > newestRead) {
      throw new UnknownFormatException(
          "command format " + version + "; this build applies up to " + newestRead);
    }
    int from = HEADER + ((short) SHORT.get(data, 26) & 0xffff);
    if (from > data.length) {
      throw new UnknownFormatException("a command's extension is longer than the command");
    }
    return new Command(
        version,
        CommandKind.of(data[1] & 0xff),
        (long) LONG.get(data, 2),
        (long) LONG.get(data, 10),
        (long) LONG.get(data, 18),
        Arrays.copyOfRange(data, from, data.length));
  }
}
