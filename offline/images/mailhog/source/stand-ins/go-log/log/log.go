// Package log: the few calls MailHog makes, on the standard logger.
package log

import std "log"

func Info(v ...interface{})             { std.Println(v...) }
func Println(v ...interface{})          { std.Println(v...) }
func Printf(f string, v ...interface{}) { std.Printf(f, v...) }
func Fatal(v ...interface{})            { std.Fatal(v...) }
func Fatalf(f string, v ...interface{}) { std.Fatalf(f, v...) }
