package dev.kelvin.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client of server-sent events, by the letter of the standard. */
final class EventReader implements AutoCloseable {
  /**
   * @param id of the last event that had one; -1 before
   * @param name "message" if it has none
   */
  record Received(long id, String name, String data) {}

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final BufferedReader lines;
  private long id = -1;
  int comments;

  /**
   * @param last ID of the last event heard; negative for none
   */
  EventReader(NodeProcess node, String path, long last) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort + path))
            .header("Accept", "text/event-stream");
    if (last >= 0) {
      request.header("Last-Event-ID", Long.toString(last));
    }
    HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      throw new AssertionError("answered " + response.statusCode());
    }
    lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  private String line() {
    var line =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return lines.readLine();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      return line.get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no line", e);
    }
  }

  /** Next event; what has no data is none. */
  Received next() {
    var name = "message";
    var data = new StringBuilder();
    while (true) {
      var line = line();
      if (line == null) {
        throw new AssertionError("the stream ended");
      }
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          return new Received(id, name, data.toString());
        }
      } else if (line.startsWith(":")) {
        comments++;
      } else if (line.startsWith("id: ")) {
        id = Long.parseLong(line.substring(4));
      } else if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data.append(line.substring(6));
      } else {
        throw new AssertionError("no such field: " + line);
      }
    }
  }

  /** Reads on until the ID to go on from is this or a later one, without any event. */
  void awaitId(long wanted) {
    while (id < wanted || comments == 0) {
      var line = line();
      if (line.startsWith("id: ")) {
        id = Long.parseLong(line.substring(4));
      } else if (line.startsWith(":")) {
        comments++;
      } else if (!line.isEmpty()) {
        throw new AssertionError("an event: " + line);
      }
    }
  }

  /** Whether nothing more comes. */
  boolean ended() {
    return line() == null;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
