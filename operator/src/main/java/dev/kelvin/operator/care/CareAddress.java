package dev.kelvin.operator.care;

/**
 * Where a node's care service is.
 *
 * @param host address of its pod, of either family
 */
public record CareAddress(String host, int port) {
  @Override
  public String toString() {
    return host.contains(":") ? "[%s]:%d".formatted(host, port) : host + ":" + port;
  }
}
