// An oracle for signatures: what the Notary Project's own library says of an artifact, and signatures made by it.
//
//	notation-oracle verify TRUST_DIRECTORY MEDIA_TYPE ENVELOPE TARGET   prints "accepted" or "refused: …"
//	notation-oracle sign KEY.pem CHAIN.pem TARGET ENVELOPE
//
// verify goes through a registry (oras-go, in memory) for an OCI manifest, and to the verifier at once for another file.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/signer"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
)

const envelopeType = "application/jose+json"

func main() {
	var err error
	if len(os.Args) != 6 {
		err = fmt.Errorf("five arguments expected")
	} else if os.Args[1] == "verify" {
		err = verify(os.Args[2], os.Args[3], read(os.Args[4]), read(os.Args[5]))
	} else {
		err = sign(os.Args[2], os.Args[3], read(os.Args[4]), os.Args[5])
	}
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	fmt.Println("accepted")
}

func verify(trust, mediaType string, envelope, target []byte) error {
	var policy trustpolicy.Document
	if err := json.Unmarshal(read(filepath.Join(trust, "trustpolicy.json")), &policy); err != nil {
		return err
	}
	oracle, err := verifier.New(&policy, truststore.NewX509TrustStore(dir.NewSysFS(trust)), nil)
	if err != nil {
		return err
	}
	ctx := context.Background()
	store := memory.New()
	subject, err := oras.PushBytes(ctx, store, mediaType, target)
	if err != nil {
		return err
	}
	reference := "registry.example/acme/jira@" + subject.Digest.String()
	if mediaType != ocispec.MediaTypeImageManifest {
		_, err = oracle.Verify(ctx, subject, envelope, notation.VerifierVerifyOptions{ArtifactReference: reference, SignatureMediaType: envelopeType})
		return err
	}
	if err := store.Tag(ctx, subject, subject.Digest.String()); err != nil {
		return err
	}
	repository := registry.NewRepository(store)
	if _, _, err := repository.PushSignature(ctx, envelopeType, envelope, subject, nil); err != nil {
		return err
	}
	_, _, err = notation.Verify(ctx, oracle, repository, notation.VerifyOptions{ArtifactReference: reference, MaxSignatureAttempts: 10})
	return err
}

func sign(key, chain string, target []byte, out string) error {
	author, err := signer.NewFromFiles(key, chain)
	if err != nil {
		return err
	}
	ctx := context.Background()
	store := memory.New()
	subject, err := oras.PushBytes(ctx, store, ocispec.MediaTypeImageManifest, target)
	if err != nil {
		return err
	}
	envelope, _, err := author.Sign(ctx, subject, notation.SignerSignOptions{SignatureMediaType: envelopeType})
	if err != nil {
		return err
	}
	return os.WriteFile(out, envelope, 0o600)
}

func read(path string) []byte {
	bytes, err := os.ReadFile(path)
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	return bytes
}
