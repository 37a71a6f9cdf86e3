package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/**
 * Options of {@code kelvin server}: each component is the option of the same name, in camel case.
 * What is left away stays as the node has it.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeSettings(
    @JsonPropertyDescription(
            "How often a leader is heard of, for example 100ms (the default). About a tenth of electionTimeout.")
        @Size(max = 16)
        @Pattern(DURATION)
        String heartbeatInterval,
    @JsonPropertyDescription(
            "Silence of the leader after which another is elected, for example 1s (the default). Longer where the network between zones is slow.")
        @Size(max = 16)
        @Pattern(DURATION)
        String electionTimeout,
    @JsonPropertyDescription("Largest request that changes data, for example 1.5MiB (the default).")
        @Size(max = 16)
        @Pattern(BYTES)
        String maxRequestBytes,
    @JsonPropertyDescription("Operations of a transaction at most; 128 by default.")
        @Min(1)
        @Max(1_000_000)
        Integer maxTxnOps,
    @JsonPropertyDescription(
            "What autoCompactionRetention counts: periodic, time (the default), or revision.")
        CompactionMode autoCompactionMode,
    @JsonPropertyDescription(
            "History kept by automatic compaction: a time like 1h or 30m, or a number of hours, or of revisions. 0, the default, keeps everything.")
        @Size(max = 16)
        @Pattern(RETENTION)
        String autoCompactionRetention,
    @JsonPropertyDescription(
            "What a node's store may use, for example 8GiB, before the alarm NOSPACE is raised and writes that add data are refused until somebody disarms it. 0, the default, for no quota: the disk is the limit.")
        @Size(max = 16)
        @Pattern(BYTES)
        String quotaBackendBytes,
    @JsonPropertyDescription("Size of one file of the Raft log, for example 64MiB (the default).")
        @Size(max = 16)
        @Pattern(BYTES)
        String logSegmentSize,
    @JsonPropertyDescription(
            "Raft log kept for followers that fall behind, at most, for example 256MiB (the default).")
        @Size(max = 16)
        @Pattern(BYTES)
        String logRetentionSize,
    @JsonPropertyDescription(
            "Memory for blocks read from the store, for example 64MiB (the default).")
        @Size(max = 16)
        @Pattern(BYTES)
        String storeCacheSize,
    @JsonPropertyDescription(
            "Memory for what the store has not flushed, for example 64MiB (the default).")
        @Size(max = 16)
        @Pattern(BYTES)
        String storeMemtableSize,
    @JsonPropertyDescription(
            "Bytes a second of each snapshot sent to a member that fell behind the log, for example 100MiB (the default).")
        @Size(max = 16)
        @Pattern(BYTES)
        String snapshotRate,
    @JsonPropertyDescription(
            "Disk space kept for deletes and compaction, for example 256MiB (the default): with less left, writes that add data are refused.")
        @Size(max = 16)
        @Pattern(BYTES)
        String diskReserve,
    @JsonPropertyDescription(
            "How much the nodes log: error, warn, info (the default), debug or trace.")
        LogLevel logLevel,
    @JsonPropertyDescription("Log lines as JSON; false by default.") Boolean logJson) {
  private static final String DURATION = "^[0-9]+(ms|s|m)$";
  private static final String RETENTION = "^([0-9]+|([0-9]+(\\.[0-9]+)?(ms|s|m|h))+)$";
  private static final String BYTES = "^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB)?$";

  /** As the option has it. */
  public enum CompactionMode {
    periodic,
    revision
  }

  /** As the option has it. */
  public enum LogLevel {
    error,
    warn,
    info,
    debug,
    trace
  }
}
