/**
 * The command line: {@code kelvin}. No framework and no library but protobuf's, so that its start
 * is not felt. Begin reading at {@link dev.kelvin.cli.Commands}.
 */
package dev.kelvin.cli;
