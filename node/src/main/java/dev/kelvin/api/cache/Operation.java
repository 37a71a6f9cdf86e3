package dev.kelvin.api.cache;

import com.google.protobuf.ByteString;
import dev.kelvin.api.Exchange;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Executor;

/**
 * One request of a connection, from its bytes to its answer. Confined to the connection's event
 * loop.
 */
abstract class Operation implements Exchange {
  /** About what the objects of a request take, beside its bytes. */
  static final int OVERHEAD = 320;

  private final Connection connection;
  private final ByteString key;
  private final boolean write;
  private final int size;
  private int held;
  private boolean answered;

  /**
   * @param key that it is about; null for none
   * @param write whether it changes the key
   * @param size bytes of the request
   * @param held bytes taken from the {@link Budget} for it
   */
  Operation(Connection connection, ByteString key, boolean write, int size, int held) {
    this.connection = connection;
    this.key = key;
    this.write = write;
    this.size = size;
    this.held = held;
  }

  final ByteString key() {
    return key;
  }

  final boolean write() {
    return write;
  }

  final int size() {
    return size;
  }

  /** Bytes to be given back when it is over. */
  final int held() {
    return held;
  }

  /**
   * Takes room for an answer.
   *
   * @return false if there is none
   */
  final boolean hold(int bytes) {
    if (!connection.budget().take(bytes)) {
      return false;
    }
    held += bytes;
    return true;
  }

  final boolean answered() {
    return answered;
  }

  /** The answer is known; once. */
  final void answer() {
    if (!answered) {
      answered = true;
      connection.answered(this);
    }
  }

  /** Has the request carried out; it may be answered before this returns. */
  abstract void begin();

  /** Writes the answer, once it is known. */
  abstract void encode(ByteBuf out);

  abstract DoorMeter.Result result();

  /** Whether nothing after this request can be understood. */
  boolean last() {
    return false;
  }

  @Override
  public final Executor lane() {
    return connection.lane();
  }

  /** What can wait for a leader waits, as long as a put of etcd's. */
  @Override
  public final boolean requiresLeader() {
    return false;
  }
}
