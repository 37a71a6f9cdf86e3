package dev.kelvin.client;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A call of many messages, for one thread. A server that falls silent is pinged, so that a dead one
 * is found out within ten seconds.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public final class Exchange<Q extends MessageLite, A extends MessageLite> implements AutoCloseable {
  /** Servers of etcd's API bear a ping every five seconds. */
  private static final long SILENT = TimeUnit.SECONDS.toNanos(6);

  private static final long DEAD = TimeUnit.SECONDS.toNanos(4);

  private final Method<Q, A> method;
  private final Connection connection;
  private final Endpoint endpoint;

  Exchange(Method<Q, A> method, Connection connection, Endpoint endpoint) {
    this.method = method;
    this.connection = connection;
    this.endpoint = endpoint;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Waits for the next answer, however long that takes while the server lives.
   *
   * @return null when the server has ended the call with success
   * @throws IOException when the connection is lost; the message goes on from an endpoint's name
   * @throws ServerException when the server has ended the call otherwise
   */
  public A next() throws IOException {
    var message = connection.nextWhileAlive(SILENT, DEAD);
    return message == null ? null : Client.parsed(method, message);
  }

  /**
   * Waits for the next answer.
   *
   * @throws IOException when it has not come within {@code limit}, too
   * @throws ServerException as {@link #next()}
   */
  public A next(Duration limit) throws IOException {
    var message = connection.next(System.nanoTime() + limit.toNanos());
    return message == null ? null : Client.parsed(method, message);
  }

  /**
   * Asks for more.
   *
   * @throws IOException when the connection is lost
   */
  public void send(Q request, Duration limit) throws IOException {
    connection.send(request.toByteArray(), false, System.nanoTime() + limit.toNanos());
  }

  @Override
  public void close() {
    connection.close();
  }
}
