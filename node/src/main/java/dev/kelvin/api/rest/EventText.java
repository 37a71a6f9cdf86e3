package dev.kelvin.api.rest;

import dev.kelvin.proto.mvccpb.Event;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.List;

/**
 * Changes as server-sent events. One event is one revision, with all that changed in it, and has
 * its number for an ID: so who goes on from an ID misses nothing, and sees nothing by halves.
 */
final class EventText {
  private EventText() {}

  /**
   * @param events of whole revisions, in order
   */
  static String changes(List<Event> events) {
    var text = new StringBuilder();
    int first = 0;
    while (first < events.size()) {
      long revision = revision(events.get(first));
      int next = first;
      var changes = Entries.JSON.createArrayBuilder();
      while (next < events.size() && revision(events.get(next)) == revision) {
        changes.add(change(events.get(next++)));
      }
      text.append("id: ").append(revision).append("\ndata: ");
      text.append(
          Entries.JSON
              .createObjectBuilder()
              .add("revision", revision)
              .add("events", changes)
              .build());
      text.append("\n\n");
      first = next;
    }
    return text.toString();
  }

  private static long revision(Event event) {
    return event.getKv().getModRevision();
  }

  private static JsonObjectBuilder change(Event event) {
    var kv = event.getKv();
    var change = Entries.JSON.createObjectBuilder();
    if (event.getType() == Event.EventType.DELETE) {
      change.add("type", "delete");
      Entries.key(change, kv.getKey());
    } else {
      change.add("type", "put");
      change.addAll(Entries.entry(kv, true));
    }
    if (event.hasPrevKv()) {
      change.add("previous", Entries.entry(event.getPrevKv(), true));
    }
    return change;
  }

  /** An event that is not a change. JSON has no line breaks of its own. */
  static String named(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }

  /** Tells nothing but where to go on. */
  static String id(long revision) {
    return "id: " + revision + "\n\n";
  }
}
