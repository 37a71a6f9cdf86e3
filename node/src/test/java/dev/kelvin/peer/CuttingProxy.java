package dev.kelvin.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between two ends of TCP connections and spoils them, each as its fate says. */
final class CuttingProxy implements AutoCloseable {
  /** What happens to a connection once so many bytes have gone towards the server. */
  sealed interface Fate {
    record Passes() implements Fate {}

    /** Closed, both ways. */
    record Cut(long after) implements Fate {}

    /** One byte arrives as another. */
    record Flipped(long at) implements Fate {}

    /** Stays open, but nothing goes through any more. */
    record Silent(long after) implements Fate {}
  }

  private static final Fate PASSES = new Fate.Passes();

  private final ServerSocket listening;
  private final int target;
  private final List<Fate> fates;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Bytes towards the server, by connection. */
  private final List<Long> carried = new ArrayList<>();

  /**
   * @param fates of the first connections; the rest pass
   */
  CuttingProxy(int target, List<Fate> fates) throws IOException {
    this.target = target;
    this.fates = fates;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  synchronized List<Long> carried() {
    return List.copyOf(carried);
  }

  private void accept() {
    try {
      for (int i = 0; ; i++) {
        var client = listening.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        synchronized (this) {
          carried.add(0L);
        }
        var fate = i < fates.size() ? fates.get(i) : PASSES;
        int number = i;
        Thread.ofVirtual().start(() -> towardsServer(client, server, fate, number));
        Thread.ofVirtual().start(() -> back(server, client));
      }
    } catch (SocketException e) {
      // Closed.
      cut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void towardsServer(Socket client, Socket server, Fate fate, int number) {
    long at = 0;
    var buffer = new byte[4096];
    try (client;
        server;
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream()) {
      while (true) {
        int n = in.read(buffer);
        if (n < 0) {
          return;
        }
        switch (fate) {
          case Fate.Cut(long after) -> {
            int passes = (int) Math.min(n, after - at);
            out.write(buffer, 0, passes);
            if (passes < n) {
              carried(number, passes);
              return;
            }
          }
          case Fate.Flipped(long where) -> {
            if (where >= at && where < at + n) {
              buffer[(int) (where - at)] ^= 1;
            }
            out.write(buffer, 0, n);
          }
          case Fate.Silent(long after) -> {
            if (at < after) {
              out.write(buffer, 0, n);
            }
          }
          case Fate.Passes() -> out.write(buffer, 0, n);
        }
        at += n;
        carried(number, n);
      }
    } catch (IOException e) {
      // An end closed it.
      return;
    }
  }

  private synchronized void carried(int number, int bytes) {
    carried.set(number, carried.get(number) + bytes);
  }

  private static void back(Socket server, Socket client) {
    try (client;
        server) {
      server.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // An end closed it.
      return;
    }
  }

  /** Closes every connection there is. */
  void cut() {
    for (var socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
