package dev.kelvin.differential;

import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberListResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One of the two servers as its client sees it, and what its IDs mean. */
final class Server implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  final String name;
  final String address;
  final ManagedChannel channel;

  /** Leases whose ID it chose, in the order of their grants. */
  private final List<Long> leases = new ArrayList<>();

  private final List<Long> added = new ArrayList<>();

  /** What its numbers stand for. */
  final Map<Long, Long> meanings = new ConcurrentHashMap<>();

  /** What its addresses stand for. */
  final Map<String, String> addresses;

  private final long member;
  final long revision;

  /**
   * @param address HOST:PORT, where it serves already
   */
  Server(String name, String address, String peerAddress) {
    this.name = name;
    this.address = address;
    addresses =
        Map.of("http://" + address, "http://client", "http://" + peerAddress, "http://peer");
    channel =
        NettyChannelBuilder.forTarget(address)
            .usePlaintext()
            .maxInboundMessageSize(256 << 20)
            .build();
    var answer = call(Rpc.MEMBER_LIST, MemberListRequest.getDefaultInstance());
    if (!(answer.message() instanceof MemberListResponse list)) {
      throw new IllegalStateException(name + " does not tell its members: " + answer);
    }
    member = list.getHeader().getMemberId();
    meanings.put(list.getHeader().getClusterId(), 1L);
    meanings.put(member, Symbols.MEMBER);
    var put = call(Rpc.RANGE, Requests.get("x"));
    revision = Headers.revision(put.message());
  }

  /** How a call ended: a message, or code and text of an error. */
  record Answer(Message message, Status status) {
    @Override
    public String toString() {
      return message != null
          ? Symbols.print(message)
          : status.getCode() + " \"" + status.getDescription() + "\"";
    }
  }

  Answer call(Rpc rpc, Message request) {
    return await(begin(rpc, request));
  }

  Future<Message> begin(Rpc rpc, Message request) {
    return ClientCalls.futureUnaryCall(
        channel.newCall(
            rpc.method, CallOptions.DEFAULT.withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)),
        request);
  }

  static Answer await(Future<Message> call) {
    try {
      return new Answer(call.get(LIMIT.toSeconds() + 5, TimeUnit.SECONDS), null);
    } catch (ExecutionException e) {
      return new Answer(null, Status.fromThrowable(e.getCause()));
    } catch (TimeoutException e) {
      return new Answer(null, Status.DEADLINE_EXCEEDED);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A lease, whose ID it chose, was granted. */
  void granted(long lease) {
    meanings.put(lease, Symbols.LEASE + leases.size());
    leases.add(lease);
  }

  /** A member, whose ID it chose, was added. */
  void added(long id) {
    meanings.put(id, Symbols.ADDED);
    added.addFirst(id);
  }

  /** What a symbol other than a revision is here; others as they are. */
  long resolve(long value) {
    if (Symbols.near(value, Symbols.LEASE)) {
      return leases.isEmpty()
          ? 404
          : leases.get(Math.floorMod(value - Symbols.LEASE, leases.size()));
    } else if (Symbols.near(value, Symbols.MEMBER)) {
      return member;
    } else if (Symbols.near(value, Symbols.ADDED)) {
      long index = value - Symbols.ADDED;
      return index < added.size() ? added.get((int) index) : 404;
    }
    return value;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
