package dev.kelvin.api.cache;

import com.google.protobuf.ByteString;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Requests;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.store.Outcome;
import io.netty.buffer.ByteBuf;

/** A request of the binary protocol: a status byte answers it, and of a GET the value. */
abstract class CacheOperation extends Operation {
  static final int OK = 1;
  static final int ERROR = 2;
  static final int NOT_FOUND = 3;

  private int status = ERROR;

  CacheOperation(Connection connection, ByteString key, boolean write, int size, int held) {
    super(connection, key, write, size, held);
  }

  final void answer(int known) {
    if (!answered()) {
      status = known;
      answer();
    }
  }

  @Override
  public final void refuse(ApiError error) {
    answer(ERROR);
  }

  @Override
  public void done(Outcome outcome) {
    answer(OK);
  }

  @Override
  void encode(ByteBuf out) {
    out.writeByte(status);
  }

  @Override
  final DoorMeter.Result result() {
    return switch (status) {
      case OK -> DoorMeter.Result.OK;
      case NOT_FOUND -> DoorMeter.Result.NOT_FOUND;
      default -> DoorMeter.Result.ERROR;
    };
  }

  /** What cannot be carried out; answered already. */
  static final class Refused extends CacheOperation {
    private final boolean last;

    /**
     * @param last whether framing is lost
     */
    Refused(Connection connection, boolean last) {
      super(connection, null, false, 0, 0);
      this.last = last;
      answer(ERROR);
    }

    @Override
    boolean last() {
      return last;
    }

    @Override
    void begin() {
      throw new IllegalStateException("answered before");
    }
  }

  /** SET. */
  static final class Set extends CacheOperation {
    private final Requests requests;
    private PutRequest put;
    private byte[] payload;
    private final int seconds;

    /**
     * @param payload bytes of the put
     * @param seconds 0 for ever
     */
    Set(
        Connection connection,
        Requests requests,
        PutRequest put,
        byte[] payload,
        int seconds,
        int size,
        int held) {
      super(connection, put.getKey(), true, size, held);
      this.requests = requests;
      this.put = put;
      this.payload = payload;
      this.seconds = seconds;
    }

    @Override
    void begin() {
      if (seconds < 0) {
        answer(ERROR);
      } else if (seconds == 0) {
        requests.put(put, payload, this);
      } else {
        requests.put(put, seconds, this);
      }
      // Held by the log from here on, if at all.
      put = null;
      payload = null;
    }
  }

  /** GET. */
  static final class Get extends CacheOperation {
    private final Requests requests;
    private ByteString value;

    Get(Connection connection, Requests requests, ByteString key, int size, int held) {
      super(connection, key, false, size, held);
      this.requests = requests;
    }

    @Override
    void begin() {
      requests.range(RangeRequest.newBuilder().setKey(key()).build(), this);
    }

    @Override
    public void done(Outcome outcome) {
      var found = (RangeResponse) ((Outcome.Done) outcome).response();
      if (found.getKvsCount() == 0) {
        answer(NOT_FOUND);
        return;
      }
      var read = found.getKvs(0).getValue();
      if (hold(read.size())) {
        value = read;
        answer(OK);
      } else {
        answer(ERROR);
      }
    }

    @Override
    void encode(ByteBuf out) {
      super.encode(out);
      if (value != null) {
        out.writeIntLE(value.size());
        out.writeBytes(value.asReadOnlyByteBuffer());
      }
    }
  }
}
