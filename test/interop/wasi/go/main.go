package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println("args", os.Args[1:], os.Getenv("COLOUR"))
	if err := os.Mkdir("/notes", 0o700); err != nil {
		fmt.Println("mkdir", err)
	}
	if err := os.WriteFile("/notes/a.txt", []byte("hello\n"), 0o600); err != nil {
		fmt.Println("write", err)
	}
	f, err := os.OpenFile("/notes/a.txt", os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Println("append", err)
	} else {
		fmt.Fprintln(f, "more")
		f.Close()
	}
	b, err := os.ReadFile("/notes/a.txt")
	fmt.Printf("%q %v\n", b, err)
	entries, err := os.ReadDir("/notes")
	for _, e := range entries {
		fmt.Println("entry", e.Name(), e.IsDir())
	}
	fmt.Println(err)
	_, err = os.ReadFile("/notes/none")
	fmt.Println("none", err)
	_, err = os.ReadFile("/../etc/passwd")
	fmt.Println("climb", err)
	fmt.Println("rename", os.Rename("/notes/a.txt", "/notes/b.txt"))
	fmt.Println("remove", os.RemoveAll("/notes"))
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("stdin", line)
	start := time.Now()
	done := make(chan int)
	go func() { time.Sleep(20 * time.Millisecond); done <- 1 }()
	<-done
	fmt.Println("slept", time.Since(start) >= 20*time.Millisecond, start.Year() >= 2024)
	r := make([]byte, 16)
	n, err := rand.Read(r)
	fmt.Println("random", n, err)
	fmt.Fprintln(os.Stderr, "done")
	os.Exit(7)
}
