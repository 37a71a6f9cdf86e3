package dev.kelvin.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks the nodes of one cluster, one call at a time; for one thread. It stays with an endpoint
 * until that fails it, then goes to the next, with back-off once all have failed, for as long as
 * its patience lasts (5 s is what Kelvin's nodes count on).
 *
 * <p>What is asked again: whatever is {@linkplain Method#repeatable repeatable}, which all reads
 * are; anything else only if it was certainly not carried out: there was no connection, the request
 * had not gone out whole, or the node says that it is in no log. Otherwise the answer is an {@link
 * UnknownOutcomeException}: a second try could do it twice.
 */
public final class Client implements AutoCloseable {
  /** How long a client tries when nobody says otherwise. */
  public static final Duration PATIENCE = Duration.ofSeconds(5);

  /** With these a node says that a request is certainly in no log. */
  public static final Set<String> CERTAINLY_NOT_DONE =
      Set.of(
          "etcdserver: no leader",
          "etcdserver: too many requests",
          "etcdserver: server stopped",
          "etcdserver: rpc not supported for learner",
          "kelvin: this node waits to be bootstrapped or joined and serves no requests yet",
          "kelvin: this node was removed from its cluster and serves no requests");

  /** For a connection; and for an answer, while there are other endpoints to ask. */
  private static final long ONE_TRY = TimeUnit.SECONDS.toNanos(2);

  private static final long FIRST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_BACK_OFF = TimeUnit.MILLISECONDS.toNanos(400);

  private final List<Endpoint> endpoints;
  private final long patience;
  private int at;
  private Connection connection;

  /**
   * @param endpoints at least one
   * @param patience for each call, all tries together
   */
  public Client(List<Endpoint> endpoints, Duration patience) {
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint");
    }
    this.endpoints = List.copyOf(endpoints);
    this.patience = patience.toNanos();
  }

  /** One way of carrying out one call. */
  @FunctionalInterface
  private interface Try<T> {
    T on(Connection connection, Endpoint endpoint, long deadline) throws NoAnswerException;
  }

  /** Where the client is: who answered last, or is asked next. */
  public Endpoint endpoint() {
    return endpoints.get(at);
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws ServerException when a node refuses
   * @throws NoEndpointException when nobody answered
   * @throws UnknownOutcomeException when it may have been carried out, or not
   */
  public <Q extends MessageLite, A extends MessageLite> A call(Method<Q, A> method, Q request) {
    var bytes = request.toByteArray();
    return carryThrough(
        method.repeatable(),
        (connection, endpoint, deadline) -> {
          long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          connection.begin(method, endpoint.toString(), Math.max(1, millis));
          connection.send(bytes, true, deadline);
          var answer = parsed(method, connection.next(deadline));
          // The status comes after the answer.
          if (connection.next(deadline) != null) {
            throw new NoAnswerException("answered twice", false, null);
          }
          return answer;
        });
  }

  /**
   * Begins a call of many messages, on a connection of its own.
   *
   * @param first what is asked at once
   * @param last whether nothing more will be asked
   * @throws NoEndpointException when nobody took it
   */
  public <Q extends MessageLite, A extends MessageLite> Exchange<Q, A> open(
      Method<Q, A> method, Q first, boolean last) {
    return carryThrough(
        true,
        (connection, endpoint, deadline) -> {
          connection.begin(method, endpoint.toString(), 0);
          connection.send(first.toByteArray(), last, deadline);
          this.connection = null;
          return new Exchange<>(method, connection, endpoint);
        });
  }

  /**
   * The next call goes to the next endpoint: this one is of no use, as an {@link Exchange} shows.
   */
  public void moveOn() {
    disconnect();
    at = (at + 1) % endpoints.size();
  }

  static <A extends MessageLite> A parsed(Method<?, A> method, byte[] answer)
      throws NoAnswerException {
    try {
      if (answer != null) {
        return method.answer().parseFrom(answer);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new NoAnswerException("answered what cannot be read", false, e);
    }
    throw new NoAnswerException("answered nothing", false, null);
  }

  private <T> T carryThrough(boolean repeatable, Try<T> call) {
    long deadline = System.nanoTime() + patience;
    long backOff = FIRST_BACK_OFF;
    var happened = new LinkedHashMap<Endpoint, String>();
    for (int failed = 1; ; failed++) {
      var endpoint = endpoint();
      long tryUntil =
          repeatable && endpoints.size() > 1
              ? Math.min(deadline, System.nanoTime() + ONE_TRY)
              : deadline;
      try {
        return call.on(connection(endpoint, deadline), endpoint, tryUntil);
      } catch (NoAnswerException e) {
        if (e.getCause() instanceof InterruptedIOException && Thread.interrupted()) {
          Thread.currentThread().interrupt();
        }
        if (!repeatable && !e.notCarriedOut()) {
          disconnect();
          throw new UnknownOutcomeException(endpoint, e.getMessage());
        }
        if (System.nanoTime() < deadline) {
          happened.put(endpoint, e.getMessage());
        } else {
          // Cut short: what happened before tells more.
          happened.putIfAbsent(endpoint, e.getMessage());
        }
      } catch (ServerException e) {
        if (!CERTAINLY_NOT_DONE.contains(e.getMessage())) {
          unknown(e, repeatable, endpoint);
        }
        happened.put(endpoint, "says \"" + e.getMessage() + "\"");
      }
      moveOn();
      if (failed % endpoints.size() == 0) {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(backOff / 2, backOff));
        backOff = Math.min(LONGEST_BACK_OFF, 2 * backOff);
      }
      if (System.nanoTime() >= deadline || Thread.currentThread().isInterrupted()) {
        throw new NoEndpointException(inOrder(happened));
      }
    }
  }

  /** Returns if the request is to be asked again. */
  private void unknown(ServerException e, boolean repeatable, Endpoint endpoint) {
    boolean open =
        e.code() == ServerException.UNAVAILABLE
            || e.code() == ServerException.DEADLINE_EXCEEDED
            || e.code() == ServerException.CANCELLED;
    if (!open) {
      throw e;
    }
    if (!repeatable) {
      throw new UnknownOutcomeException(endpoint, "says \"" + e.getMessage() + "\"");
    }
  }

  private Map<Endpoint, String> inOrder(Map<Endpoint, String> happened) {
    var ordered = new LinkedHashMap<Endpoint, String>();
    for (var endpoint : endpoints) {
      var what = happened.get(endpoint);
      if (what != null) {
        ordered.put(endpoint, what);
      }
    }
    return ordered;
  }

  private Connection connection(Endpoint endpoint, long deadline) throws NoAnswerException {
    if (connection != null && !connection.usable()) {
      disconnect();
    }
    if (connection == null) {
      long left = Math.max(TimeUnit.MILLISECONDS.toNanos(1), deadline - System.nanoTime());
      connection = Connection.open(endpoint, Math.min(ONE_TRY, left));
    }
    return connection;
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
