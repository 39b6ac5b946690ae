module wasi-program

go 1.21
