package dev.kelvin.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.sim.SimStoreDirectory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CodecTest {
  private static final CommandCodec SECOND =
      new CommandCodec(2, Set.of(1, 2)) {
        @Override
        protected byte[] extension(int written) {
          return new byte[] {7, 8, 9};
        }
      };

  @Test
  void aCommandComesBackAsItWent() {
    var data = CommandCodec.standard().encode(CommandKind.TXN, 1, -2, 3, new byte[] {4, 5});
    assertEquals(30, data.length);
    var command = CommandCodec.standard().decode(data);
    assertEquals(CommandKind.TXN, command.kind());
    assertEquals(1, command.origin());
    assertEquals(-2, command.incarnation());
    assertEquals(3, command.request());
    assertArrayEquals(new byte[] {4, 5}, command.payload().toByteArray());
  }

  @Test
  void aLaterVersionIsReadOnlyByWhoKnowsIt() {
    var data = SECOND.encode(CommandKind.PUT, 1, 2, 3, new byte[] {4});
    assertArrayEquals(new byte[] {4}, SECOND.decode(data).payload().toByteArray());
    assertThrows(UnknownFormatException.class, () -> CommandCodec.standard().decode(data));
  }

  @Test
  void anUnknownEntryStopsTheStoreBeforeAnyEffect() {
    try (var store = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      var known =
          CommandCodec.standard()
              .encode(CommandKind.PUT, 1, 2, 3, Feed.put("a", "1").toByteArray());
      var unknown = known.clone();
      unknown[1] = 99;
      assertThrows(
          UnknownFormatException.class,
          () ->
              store.apply(
                  List.of(
                      new Entry(1, 1, EntryKind.COMMAND, known),
                      new Entry(2, 1, EntryKind.COMMAND, unknown)),
                  new Feed(store)));
      assertEquals(Position.START, store.applied());
      assertEquals(1, store.revision());
    }
  }

  @Test
  void aMalformedPayloadIsRefusedAndCounted() {
    try (var store = Store.open(new SimStoreDirectory(), StoreConfig.simulated())) {
      var feed = new Feed(store);
      long request = feed.add(CommandKind.PUT, new byte[] {(byte) 0xff});
      feed.apply();
      assertEquals(new Outcome.Failed(StoreError.MALFORMED), feed.outcomes.get(request));
      assertEquals(new Position(1, 1), store.applied());
      assertEquals(1, store.revision());
    }
  }

  @Test
  void everyMemberChangeComesBackAsItWent() {
    var member = new Member(3, "n", List.of("http://a:1"), List.of("http://a:2"), true, 9, 1);
    for (var change :
        List.of(
            new MemberChange.Found(8, member),
            new MemberChange.Add(member),
            new MemberChange.Promote(3),
            new MemberChange.Remove(3),
            new MemberChange.Update(3, List.of("http://c:3")),
            new MemberChange.Recover(9, 3),
            new MemberChange.Claim(3, 9, "n", List.of("http://a:1"), List.of(), 1))) {
      var data = MemberChangeCodec.encode(change);
      assertEquals(change, MemberChangeCodec.decode(data));
      assertThrows(
          UnknownFormatException.class,
          () -> MemberChangeCodec.decode(Arrays.copyOf(data, data.length - 1)));
    }
  }

  @Test
  void historyRowsSortAsTheirKeysDo() {
    var random = new Random(1);
    var order = ByteString.unsignedLexicographicalComparator();
    for (int i = 0; i < 20_000; i++) {
      var a = key(random);
      var b = key(random);
      var rowA = Rows.history(Rows.historyPrefix(a), random.nextInt(3), random.nextInt(3));
      var rowB = Rows.history(Rows.historyPrefix(b), random.nextInt(3), random.nextInt(3));
      assertEquals(a, Rows.historyKey(rowA));
      int keys = order.compare(a, b);
      if (keys != 0) {
        assertEquals(Integer.signum(keys), Integer.signum(Arrays.compareUnsigned(rowA, rowB)));
      }
    }
  }

  private static ByteString key(Random random) {
    var key = new byte[random.nextInt(4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(4) - 1);
    }
    return ByteString.copyFrom(key);
  }
}
