package dev.kelvin.checker.app;

import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.client.Endpoint;
import dev.kelvin.checker.client.Endpoints;
import dev.kelvin.checker.client.GrpcEndpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Connections to addresses behind each of which there may be many servers, of which some do not
 * answer. After a try in vain a connection is made anew, perhaps to another server; and the request
 * is tried next where another was answered last.
 */
final class Connections implements Endpoints, AutoCloseable {
  private final List<Connection> all = new ArrayList<>();

  /**
   * @param addresses {@code host:port}
   * @param count of connections, spread over them
   * @throws IllegalArgumentException when an address is none
   */
  Connections(List<String> addresses, int count) {
    for (var address : addresses) {
      if (!address.matches(".+:\\d{1,5}")) {
        throw new IllegalArgumentException("endpoint '" + address + "' is not host:port");
      }
    }
    for (int i = 0; i < count; i++) {
      var address = addresses.get(i % addresses.size());
      int colon = address.lastIndexOf(':');
      all.add(
          new Connection(
              new GrpcEndpoint(
                  address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))));
    }
  }

  @Override
  public Endpoint choose(int at, int failed) {
    // Every other time, as the one that answered last may be of a server that fails now.
    return failed % 2 == 0
        ? all.get(at % all.size())
        : all.stream().max(Comparator.comparingLong(Connection::answered)).orElseThrow();
  }

  @Override
  public void close() {
    all.forEach(connection -> connection.endpoint.close());
  }

  private static final class Connection implements Endpoint {
    private final GrpcEndpoint endpoint;
    private volatile long answered = System.nanoTime();

    private Connection(GrpcEndpoint endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public Result ask(Request request, long deadlineMillis) {
      var result = endpoint.ask(request, deadlineMillis);
      if (result instanceof Answered) {
        answered = System.nanoTime();
      } else {
        endpoint.connectAnew();
      }
      return result;
    }

    /** When it was answered last, or made. */
    private long answered() {
      return answered;
    }
  }
}
