/** What is written into the status: for people, and for the next round. */
package dev.kelvin.operator.report;
