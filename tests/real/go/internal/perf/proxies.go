package perf

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"real/internal/process"
)

func (b *bench) bare(_ context.Context, _ string, tls bool) (string, *process.Process, error) {
	if tls {
		return b.upstream.tls, nil, nil
	}
	return b.upstream.plain, nil, nil
}

func (b *bench) haproxyPlain(_ context.Context, name string, tls bool) (string, *process.Process, error) {
	return b.haproxy(name, tls, "")
}

// haproxyVerify checks what HAProxy can check of a token: its algorithm, its signature and its expiry.
func (b *bench) haproxyVerify(_ context.Context, name string, tls bool) (string, *process.Process, error) {
	return b.haproxy(name, tls, fmt.Sprintf(`
  http-request deny unless { http_auth_bearer,jwt_header_query('$.alg') -m str RS256 }
  http-request deny unless { http_auth_bearer,jwt_verify("RS256","%s") -m int 1 }
  http-request set-var(txn.now) date
  http-request deny unless { http_auth_bearer,jwt_payload_query('$.exp','int'),sub(txn.now) -m int gt 0 }`, b.issuer.PEM))
}

func (b *bench) haproxy(name string, tls bool, rules string) (string, *process.Process, error) {
	address, err := freeAddress()
	if err != nil {
		return "", nil, err
	}
	listen := address + " proto h2"
	if tls {
		both := filepath.Join(b.dir, name+"-both.pem")
		if err := join(both, b.certificate.Cert, b.certificate.Key); err != nil {
			return "", nil, err
		}
		listen = fmt.Sprintf("%s ssl crt %s alpn h2", address, both)
	}
	config := fmt.Sprintf(`global
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind %s%s
  default_backend back
backend back
  server upstream %s proto h2
`, listen, rules, b.upstream.plain)
	file, err := b.write(name+".cfg", config)
	if err != nil {
		return "", nil, err
	}
	running, err := process.Start(filepath.Join(b.dir, name+".log"), nil, "haproxy", "-db", "-f", file)
	return address, running, err
}

// nginx holds one stream on each of its connections to the upstream, so it may keep many of them. A body stays in memory.
func (b *bench) nginx(_ context.Context, name string, tls bool) (string, *process.Process, error) {
	address, err := freeAddress()
	if err != nil {
		return "", nil, err
	}
	listen := address + " http2"
	if tls {
		listen += fmt.Sprintf(" ssl; ssl_certificate %s; ssl_certificate_key %s", b.certificate.Cert, b.certificate.Key)
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n" // its workers read the folder of this run
	}
	config := fmt.Sprintf(`daemon off;
%[1]sworker_processes auto;
pid %[2]s.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path %[2]s-body;
  proxy_temp_path %[2]s-proxy;
  fastcgi_temp_path %[2]s-fastcgi;
  uwsgi_temp_path %[2]s-uwsgi;
  scgi_temp_path %[2]s-scgi;
  client_max_body_size 4m;
  client_body_buffer_size 2m;
  keepalive_requests 100000000;
  upstream back { server %[3]s; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen %[4]s;
    location / { grpc_pass grpc://back; }
  }
}
`, user, filepath.Join(b.dir, name), b.upstream.plain, listen)
	file, err := b.write(name+".conf", config)
	if err != nil {
		return "", nil, err
	}
	running, err := process.Start(filepath.Join(b.dir, name+".log"), nil, "nginx", "-e", "stderr", "-p", b.dir, "-c", file)
	return address, running, err
}

func (b *bench) write(name, text string) (string, error) {
	file := filepath.Join(b.dir, name)
	return file, os.WriteFile(file, []byte(text), 0o600)
}

// join writes the files one after the other.
func join(to string, files ...string) error {
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		all = append(all, text...)
	}
	return os.WriteFile(to, all, 0o600)
}

// freeAddress is free when it is returned.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
