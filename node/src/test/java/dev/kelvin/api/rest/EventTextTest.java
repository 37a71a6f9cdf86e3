package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTextTest {
  private static KeyValue kv(String key, ByteString value, long revision) {
    return KeyValue.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(value)
        .setCreateRevision(2)
        .setModRevision(revision)
        .setVersion(1)
        .build();
  }

  @Test
  void allOfARevisionIsOneEventWithItsNumberForAnId() {
    var text = ByteString.copyFromUtf8("line\nfeed");
    var events =
        List.of(
            Event.newBuilder().setKv(kv("a", text, 2)).build(),
            Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("b")).setModRevision(2))
                .build(),
            Event.newBuilder().setKv(kv("a", ByteString.copyFrom(new byte[] {-1}), 3)).build());
    assertEquals(
        """
        id: 2
        data: {"revision":2,"events":[{"type":"put","key":"a","value":"line\\nfeed",\
        "createRevision":2,"modRevision":2,"version":1,"lease":0},{"type":"delete","key":"b"}]}

        id: 3
        data: {"revision":3,"events":[{"type":"put","key":"a","valueBase64":"/w==",\
        "createRevision":2,"modRevision":3,"version":1,"lease":0}]}

        """,
        EventText.changes(events));
  }

  @Test
  void thePreviousVersionIsTold() {
    var event =
        Event.newBuilder()
            .setType(Event.EventType.DELETE)
            .setKv(KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("b")).setModRevision(9))
            .setPrevKv(kv("b", ByteString.copyFromUtf8("old"), 4))
            .build();
    assertEquals(
        """
        id: 9
        data: {"revision":9,"events":[{"type":"delete","key":"b","previous":{"key":"b",\
        "value":"old","createRevision":2,"modRevision":4,"version":1,"lease":0}}]}

        """,
        EventText.changes(List.of(event)));
  }
}
