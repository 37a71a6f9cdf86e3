package dev.kelvin.peer;

import java.net.URI;
import java.net.URISyntaxException;

/** Host and port of a peer URL. */
public record PeerAddress(String host, int port) {
  /**
   * Reads {@code http://host:port} or {@code host:port}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static PeerAddress parse(String url) {
    try {
      var uri = new URI(url.contains("://") ? url : "http://" + url);
      if (uri.getHost() == null || uri.getPort() < 1 || uri.getPort() > 65535) {
        throw new IllegalArgumentException(
            "'" + url + "' is no peer address; it should look like http://host:2380");
      }
      return new PeerAddress(uri.getHost(), uri.getPort());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "'" + url + "' is no peer address; it should look like http://host:2380", e);
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
