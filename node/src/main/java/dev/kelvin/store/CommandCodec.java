package dev.kelvin.store;

import com.google.protobuf.UnsafeByteOperations;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * Writes and reads the data of a log entry; layout at {@link Command}.
 *
 * <p>Stateless. A cluster whose members differ in age writes the version the lowest of them reads,
 * hence the version to write is an argument.
 */
public class CommandCodec {
  /** Version this code writes by default. */
  public static final int CURRENT = 1;

  private static final int EXTENSION = 26;
  private static final int HEADER = EXTENSION + 2;
  private static final byte[] NONE = {};
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final CommandCodec STANDARD = new CommandCodec(CURRENT, Set.of(CURRENT));
  private static final CommandKind[] KINDS = kinds();

  private final int version;
  private final Set<Integer> readable;

  /**
   * @param version to write, 1 to 255
   * @param readable versions that {@link #decode} takes
   */
  public CommandCodec(int version, Set<Integer> readable) {
    if (version < 1 || version > 255) {
      throw new IllegalArgumentException("no format version: " + version);
    }
    this.version = version;
    this.readable = Set.copyOf(readable);
  }

  /** The codec of this release. */
  public static CommandCodec standard() {
    return STANDARD;
  }

  /** Newest version this codec writes, if all members can read it. */
  public int newestWritten() {
    return version;
  }

  /** Bytes of the header's extension; empty in version 1. */
  protected byte[] extension(int written) {
    return NONE;
  }

  /** Data of an entry in the newest version. */
  public byte[] encode(
      CommandKind kind, long origin, long incarnation, long request, byte[] payload) {
    return encode(version, kind, origin, incarnation, request, payload);
  }

  /**
   * Data of an entry; allocates just that array.
   *
   * @param written format version, at most {@link #newestWritten}
   */
  public byte[] encode(
      int written, CommandKind kind, long origin, long incarnation, long request, byte[] payload) {
    var extension = extension(written);
    if (extension.length > 0xffff) {
      throw new IllegalArgumentException("extension of " + extension.length + " bytes");
    }
    var data = new byte[HEADER + extension.length + payload.length];
    data[0] = (byte) written;
    data[1] = (byte) kind.code();
    LONG.set(data, 2, origin);
    LONG.set(data, 10, incarnation);
    LONG.set(data, 18, request);
    data[EXTENSION] = (byte) (extension.length >> 8);
    data[EXTENSION + 1] = (byte) extension.length;
    System.arraycopy(extension, 0, data, HEADER, extension.length);
    System.arraycopy(payload, 0, data, HEADER + extension.length, payload.length);
    return data;
  }

  /**
   * @throws UnknownFormatException for a version or kind that this codec does not read
   */
  public Command decode(byte[] data) {
    if (data.length < HEADER) {
      throw new UnknownFormatException("entry of " + data.length + " bytes has no command header");
    }
    int written = data[0] & 0xff;
    if (!readable.contains(written)) {
      throw new UnknownFormatException(
          "entry of format version " + written + UnknownFormatException.REMEDY);
    }
    var kind = KINDS[data[1] & 0xff];
    if (kind == null) {
      throw new UnknownFormatException(
          "entry with a command of kind " + (data[1] & 0xff) + UnknownFormatException.REMEDY);
    }
    int payload = HEADER + ((data[EXTENSION] & 0xff) << 8 | data[EXTENSION + 1] & 0xff);
    if (payload > data.length) {
      throw new UnknownFormatException("command header is longer than its entry");
    }
    return new Command(
        written,
        kind,
        (long) LONG.get(data, 2),
        (long) LONG.get(data, 10),
        (long) LONG.get(data, 18),
        UnsafeByteOperations.unsafeWrap(data, payload, data.length - payload));
  }

  private static CommandKind[] kinds() {
    var kinds = new CommandKind[256];
    for (var kind : CommandKind.values()) {
      kinds[kind.code()] = kind;
    }
    return kinds;
  }
}
