package dev.kelvin.store;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a leader does with leases by itself. It is decided by a clock, so it holds only in the term
 * it was decided in: in an entry of another term, when another leader may have renewed the lease,
 * it does nothing.
 *
 * <p>Bytes, big-endian: term (8), then of an expiry the lease (8), of a checkpoint for each lease
 * its ID (8) and the seconds that remain (8).
 */
public sealed interface LeaseCommand {
  long term();

  byte[] encode();

  /** The lease ends, and its keys with it. */
  record Expire(long term, long lease) implements LeaseCommand {
    @Override
    public byte[] encode() {
      return ByteBuffer.allocate(16).putLong(term).putLong(lease).array();
    }

    /** Null for bytes that are none. */
    static Expire decode(ByteString payload) {
      var bytes = payload.asReadOnlyByteBuffer();
      return bytes.remaining() == 16 ? new Expire(bytes.getLong(), bytes.getLong()) : null;
    }
  }

  /** Notes down how long leases have left, for the next leader. */
  record Checkpoint(long term, List<Remaining> leases) implements LeaseCommand {
    /**
     * @param seconds 0 for the whole time again
     */
    public record Remaining(long lease, long seconds) {}

    @Override
    public byte[] encode() {
      var bytes = ByteBuffer.allocate(8 + 16 * leases.size()).putLong(term);
      leases.forEach(lease -> bytes.putLong(lease.lease).putLong(lease.seconds));
      return bytes.array();
    }

    /** Null for bytes that are none. */
    static Checkpoint decode(ByteString payload) {
      var bytes = payload.asReadOnlyByteBuffer();
      if (bytes.remaining() % 16 != 8) {
        return null;
      }
      long term = bytes.getLong();
      var leases = new ArrayList<Remaining>();
      while (bytes.hasRemaining()) {
        leases.add(new Remaining(bytes.getLong(), bytes.getLong()));
      }
      return new Checkpoint(term, leases);
    }
  }
}
